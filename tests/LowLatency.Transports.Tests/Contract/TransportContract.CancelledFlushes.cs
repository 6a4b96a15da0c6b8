using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    private protected const int MoreThanTheKernelTakes = 32 * 1024 * 1024;

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pending_flush_that_is_cancelled_returns_and_everything_arrives_once(bool byToken)
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        int written = 0;
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            for (int cancelled = 0; cancelled < 3;)
            {
                using var cancellation = new CancellationTokenSource();
                (written, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(output, payload, written, cancellation.Token);
                if (byToken)
                {
                    await cancellation.CancelAsync();
                }
                else
                {
                    output.CancelPendingFlush();
                }

                // The kernel may have found room at the last moment; then the flush is simply done.
                try
                {
                    cancelled += (await pending).IsCanceled ? 1 : 0;
                }
                catch (OperationCanceledException) when (byToken)
                {
                    cancelled++;
                }
            }

            waits.SetResult();
            await connection.Transport.Input.ReadAsync();
            output.Write(payload.AsSpan(written, 1000));
            written += 1000;
            Assert.False((await output.FlushAsync()).IsCanceled);
        });
        using Peer peer = await server.ConnectAsync();

        await waits.Task;
        await peer.SendAsync("go");
        byte[] received = await peer.ReceiveToEndAsync();

        await server.HandledAsync();
        Payload.Same(payload.AsMemory(0, written), received);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancellation_without_a_pending_flush_cancels_the_next_one_only_and_its_bytes_go_out()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            output.CancelPendingFlush();
            Assert.True((await output.WriteTextAsync("first")).IsCanceled);
            await connection.Transport.Input.ReadAsync();
            Assert.False((await output.WriteTextAsync("second")).IsCanceled);
        });
        using Peer peer = await server.ConnectAsync();

        Assert.Equal("first", await peer.ReceiveTextAsync(5));
        await peer.SendAsync("go");
        Assert.Equal("second", await peer.ReceiveTextAsync(6));
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_storm_of_cancelled_flushes_loses_doubles_and_reorders_nothing()
    {
        byte[] payload = Payload.Of(12_000_000);
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            using var stop = new CancellationTokenSource();
            Task storm = Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    output.CancelPendingFlush();
                    Thread.SpinWait(50);
                }
            });
            var random = new Random(1);
            for (int written = 0; written < payload.Length;)
            {
                int count = Math.Min(random.Next(1, 60_000), payload.Length - written);
                output.Write(payload.AsSpan(written, count));
                written += count;
                await output.FlushAsync();
            }

            await stop.CancelAsync();
            await storm;
        });
        using Peer peer = await server.ConnectAsync();

        Payload.Same(payload, await peer.ReceiveToEndAsync());
        await server.HandledAsync();
    }
}
