using System.IO.Pipelines;
using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>An application may end while its read is pending, in the very moment in which the loop completes that read.</summary>
public sealed class AbandonedReadTests
{
    [Fact(Timeout = Hanging.After)]
    public async Task The_buffer_stays_with_the_loop_until_the_read_is_completed()
    {
        PollLoop loop = LoopConnection<Script>.NewLoop();
        var connection = new HeldConnection(loop);
        PipeReader input = connection.Reader;
        Task<ReadResult>? abandoned = null;
        loop.RunHere(() =>
        {
            Assert.True(input.TryRead(out ReadResult read));
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            abandoned = input.ReadAsync(CancellationToken.None).AsTask();
        });

        Task completing = connection.WhileHeld(
            meanwhile: () => loop.RunHere(connection.LookOnce),
            once: () => SpinWait.SpinUntil(() => !connection.IsWaiting),
            then: () => input.Complete());
        await completing;

        Assert.Equal("left over", (await abandoned!).Text());
        loop.Dispose();
    }

    /// <summary>Has received a few bytes; whoever learns of its end waits at the gate, if that is held.</summary>
    private sealed class HeldConnection : LoopConnection<Script>
    {
        internal HeldConnection(PollLoop loop)
            : base(loop, new Script(new Queue<string>(["left over", ""])))
        {
        }

        internal Task WhileHeld(Action meanwhile, Action once, Action then)
        {
            lock (Gate)
            {
                var running = Task.Run(meanwhile);
                once();
                then();
                return running;
            }
        }
    }

    private readonly struct Script(Queue<string> received) : IByteChannel
    {
        public static bool KeepsMessages => false;

        public static bool ReceiveIsCheap => false;

        public bool MessageGoesOn => false;

        public IoResult Receive(Span<byte> buffer) => IoResult.Done(System.Text.Encoding.ASCII.GetBytes(received.Dequeue(), buffer));

        public IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn) => IoResult.Done(bytes.Length);

        public void Flushed()
        {
        }
    }
}
