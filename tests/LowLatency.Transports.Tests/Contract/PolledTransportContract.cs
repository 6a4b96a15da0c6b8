using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using LowLatency.Transports.Polling;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

/// <summary>What the busy-polled transport promises beyond Kestrel's own.</summary>
public abstract class PolledTransportContract : TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task Two_reads_at_once_throw_and_the_first_one_goes_on()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            Task<ReadResult> first = input.ReadAsync().AsTask();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await input.ReadAsync(CancellationToken.None));
            await connection.Transport.Output.WriteTextAsync("go");
            Assert.Equal("abc", (await first).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.ReceiveTextAsync(2);
        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_has_ended_its_output_still_reads()
    {
        byte[] payload = Payload.Of(1_000_000);
        byte[] received = [];
        await using TestServer server = await StartAsync(async connection =>
        {
            await connection.Transport.Output.WriteTextAsync("that is all");
            await connection.Transport.Output.CompleteAsync();
            received = await Handlers.ReadToEndAsync(connection.Transport.Input);
        });
        using Peer peer = await server.ConnectAsync();

        Assert.Equal("that is all", await peer.ReceiveTextToEndAsync());
        await peer.SendAsync(payload);
        peer.ShutdownSend();

        await server.HandledAsync();
        Payload.Same(payload, received);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_connection_whose_flush_had_to_wait_keeps_none_of_its_memory_when_the_peer_has_everything()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            payload.CopyTo(output.GetMemory(2 * payload.Length));
            output.Advance(payload.Length);
            ValueTask<FlushResult> flush = output.FlushAsync();
            Assert.False(flush.IsCompleted);
            waits.SetResult();
            await flush;

            // The rest of the large array, had it been kept.
            Assert.InRange(output.GetMemory().Length, 1, payload.Length - 1);
        });
        using Peer peer = await server.ConnectAsync();

        await waits.Task;
        Payload.Same(payload, await peer.ReceiveExactlyAsync(payload.Length));
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Memory_taken_while_a_flush_waits_is_the_writers_until_its_next_flush()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        byte[] rest = Payload.Of(1000);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            output.Write(payload);
            ValueTask<FlushResult> flush = output.FlushAsync();
            Assert.False(flush.IsCompleted);
            Memory<byte> taken = output.GetMemory(rest.Length);
            waits.SetResult();
            await flush;

            rest.CopyTo(taken);
            output.Advance(rest.Length);
            await output.FlushAsync();
        });
        using Peer peer = await server.ConnectAsync();

        await waits.Task;
        Payload.Same((byte[])[.. payload, .. rest], await peer.ReceiveToEndAsync());
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_closes_first_over_unread_input_does_not_reset_its_reply_away()
    {
        byte[] reply = Payload.Of(MuchButLessThanBuffersTake);
        await using TestServer server = await StartAsync(async connection =>
        {
            await Handlers.ReadAtLeastAsync(connection.Transport.Input, 1);
            await connection.Transport.Output.WriteAsync(reply);
        });
        for (int round = 0; round < 20;)
        {
            using Peer peer = await server.ConnectAsync();
            var lingering = Stopwatch.StartNew();
            await peer.SendAsync(Payload.Of(MuchButLessThanBuffersTake));
            await server.HandledAsync();
            peer.TrySend(Payload.Of(1000));
            if (lingering.Elapsed > PollLoop.LingerFor)
            {
                // The machine has let it wait for too long: nobody is there any more, and that was promised.
                continue;
            }

            round++;
            Payload.Same(reply, await peer.ReceiveToEndAsync());
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_peer_that_goes_on_sending_after_the_server_has_closed_is_let_go()
    {
        await using TestServer server = await StartAsync(connection => connection.Transport.Output.WriteTextAsync("bye"));
        using Peer peer = await server.ConnectAsync();
        await peer.ReceiveToEndAsync();

        // The lingering ends although there is always something to take in.
        byte[] flood = Payload.Of(100_000);
        try
        {
            while (true)
            {
                await peer.SendAsync(flood);
            }
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
        {
        }

        using Peer next = await server.ConnectAsync();
        Assert.Equal("bye", await next.ReceiveTextAsync(3));
    }

    [Fact(Timeout = Timeout)]
    public async Task Unflushed_bytes_behind_a_waiting_flush_are_sent_before_the_end()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        for (int round = 0; round < 5; round++)
        {
            int total = 0;
            var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using TestServer server = await StartAsync(async connection =>
            {
                PipeWriter output = connection.Transport.Output;
                (int written, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(output, payload);
                waits.SetResult();
                await connection.Transport.Input.ReadAsync();
                payload.AsSpan(written, 10_000).CopyTo(output.GetSpan(10_000));
                output.Advance(10_000);
                total = written + 10_000;
                await output.CompleteAsync();
                await pending;
            });
            using Peer peer = await server.ConnectAsync();

            await waits.Task;
            await peer.SendAsync("go");
            byte[] received = await peer.ReceiveToEndAsync();

            await server.HandledAsync();
            Payload.Same(payload.AsMemory(0, total), received);
        }
    }
}
