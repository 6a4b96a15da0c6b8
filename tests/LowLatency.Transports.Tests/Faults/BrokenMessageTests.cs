using System.IO.Pipelines;
using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Where a transport keeps messages, nobody sees a part of one, whatever becomes of the rest.</summary>
public sealed class BrokenMessageTests
{
    private static readonly Piece Half = new("half of", GoesOn: true);
    private static readonly Piece Rest = new(" a message", GoesOn: false);
    private static readonly Piece Reset = new(null, GoesOn: false);

    [Fact(Timeout = Hanging.After)]
    public async Task A_read_that_is_cancelled_while_the_peer_dies_in_mid_message_sees_none_of_it()
    {
        using PollLoop loop = LoopConnection<Script>.NewLoop();
        var connection = new LoopConnection<Script>(loop, new Script(new Queue<Piece>([Half, Reset])));
        Task<ReadResult>? reading = null;
        loop.RunHere(() => reading = connection.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());
        loop.RunHere(() =>
        {
            connection.LookOnce();
            connection.Reader.CancelPendingRead();
            connection.LookOnce();
        });

        ReadResult read = await reading!;
        Assert.True(read.IsCanceled);
        Assert.Empty(read.Text());
        connection.Reader.AdvanceTo(read.Buffer.End);
        await Assert.ThrowsAnyAsync<IOException>(async () => await connection.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Hanging.After)]
    public void A_look_takes_all_of_a_message_that_is_there()
    {
        using PollLoop loop = LoopConnection<Script>.NewLoop();
        var connection = new LoopConnection<Script>(loop, new Script(new Queue<Piece>([Half, Half, Rest])));
        loop.RunHere(() =>
        {
            Assert.True(connection.Reader.TryRead(out ReadResult read));
            Assert.Equal("half ofhalf of a message", read.Text());
        });
    }

    [Fact(Timeout = Hanging.After)]
    public void A_look_at_a_part_of_a_message_sees_nothing_and_the_look_at_its_rest_all()
    {
        using PollLoop loop = LoopConnection<Script>.NewLoop();
        var pieces = new Queue<Piece>([Half]);
        var connection = new LoopConnection<Script>(loop, new Script(pieces));
        loop.RunHere(() =>
        {
            IPartialMessageFeature feature = connection.Context.Features.GetRequiredFeature<IPartialMessageFeature>();
            Assert.False(feature.HoldsPartOfMessage);
            Assert.False(connection.Reader.TryRead(out _));
            Assert.False(connection.Reader.TryRead(out _));
            Assert.True(feature.HoldsPartOfMessage);
            pieces.Enqueue(Rest);
            Assert.True(connection.Reader.TryRead(out ReadResult read));
            Assert.Equal("half of a message", read.Text());
            Assert.False(feature.HoldsPartOfMessage);
        });
    }

    /// <param name="Text">What is received; <c>null</c> for a reset.</param>
    /// <param name="GoesOn">Whether more of the message is to come.</param>
    private sealed record Piece(string? Text, bool GoesOn);

    private readonly struct Script(Queue<Piece> pieces) : IByteChannel
    {
        private readonly bool[] _goesOn = new bool[1];

        public static bool KeepsMessages => true;

        public static bool ReceiveIsCheap => true;

        public bool MessageGoesOn => _goesOn[0];

        public IoResult Receive(Span<byte> buffer)
        {
            if (!pieces.TryDequeue(out Piece? piece))
            {
                return IoResult.Failed(Errno.Again);
            }

            _goesOn[0] = piece.GoesOn;
            return piece.Text is null ? IoResult.Failed(Errno.ConnectionReset) : IoResult.Done(System.Text.Encoding.ASCII.GetBytes(piece.Text, buffer));
        }

        public IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn) => IoResult.Done(bytes.Length);

        public void Flushed()
        {
        }
    }
}
