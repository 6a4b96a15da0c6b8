using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task A_peer_that_does_not_read_makes_a_flush_wait_and_gets_everything_when_it_reads_again()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        var waits = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            (int written, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(output, payload);
            waits.SetResult(written);
            Assert.False((await pending).IsCompleted);
            await output.WriteAsync(payload.AsMemory(written));
        });
        using Peer peer = await server.ConnectAsync();

        await waits.Task;
        Payload.Same(payload, await peer.ReceiveToEndAsync());
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_writes_first_and_then_reads_has_both_go_on()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async connection =>
        {
            (int written, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(connection.Transport.Output, payload);
            Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();
            waits.SetResult();
            await pending;
            await connection.Transport.Output.WriteAsync(payload.AsMemory(written));
            Assert.Equal("thanks", (await reading).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await waits.Task;
        Payload.Same(payload, await peer.ReceiveExactlyAsync(payload.Length));
        await peer.SendAsync("thanks");
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_peer_that_floods_is_not_read_while_nobody_asks_and_nothing_is_lost()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] received = [];
        await using TestServer server = await StartAsync(async connection =>
        {
            ReadResult first = await Handlers.ReadAtLeastAsync(connection.Transport.Input, 1);
            connection.Transport.Input.AdvanceTo(first.Buffer.Start, first.Buffer.Start);
            await go.Task;
            received = await Handlers.ReadToEndAsync(connection.Transport.Input);
        });
        using Peer peer = await server.ConnectAsync();

        byte[] payload = Payload.Of(64 * 1024 * 1024);
        int sent = await SendUntilNothingMoves(peer, payload);
        Assert.True(sent < payload.Length, "The server took everything although nobody asked for it.");
        go.SetResult();
        await peer.SendAsync(payload.AsMemory(sent, 1000));
        peer.ShutdownSend();

        await server.HandledAsync();
        Payload.Same(payload.AsMemory(0, sent + 1000), received);
    }

    [Fact(Timeout = Timeout)]
    public async Task What_is_written_while_a_flush_waits_follows_in_order()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        int total = 0;
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            (int written, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(output, payload);
            var random = new Random(1);
            for (int piece = 0; piece < 200; piece++)
            {
                int count = random.Next(1, 5000);
                payload.AsSpan(written, count).CopyTo(output.GetSpan(count));
                output.Advance(count);
                written += count;
            }

            waits.SetResult();
            await connection.Transport.Input.ReadAsync();
            await pending;
            total = written;
            await output.CompleteAsync();
        });
        using Peer peer = await server.ConnectAsync();

        await waits.Task;
        await peer.SendAsync("go");
        byte[] received = await peer.ReceiveToEndAsync();

        await server.HandledAsync();
        Payload.Same(payload.AsMemory(0, total), received);
    }

    private static async Task<int> SendUntilNothingMoves(Peer peer, byte[] payload)
    {
        const int FruitlessTries = 100;
        int sent = 0;
        for (int tries = 0; tries < FruitlessTries && sent < payload.Length;)
        {
            int count = peer.TrySend(payload.AsSpan(sent, Math.Min(100_000, payload.Length - sent)));
            if (count > 0)
            {
                sent += count;
                tries = 0;
                continue;
            }

            tries++;
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        return sent;
    }
}
