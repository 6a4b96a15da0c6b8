using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task An_abort_ends_a_pending_read_and_the_peer_sees_it()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            Task<ReadResult> pending = connection.Transport.Input.ReadAsync().AsTask();
            connection.Abort(new ConnectionAbortedException("Enough."));
            connection.Abort();
            await Ends(pending);
            await WhenClosed(connection);
        });

        await ConnectAndSeeTheEndAsync(server);
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task An_abort_ends_a_pending_flush()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        await using TestServer server = await StartAsync(async connection =>
        {
            await Handlers.ReadAtLeastAsync(connection.Transport.Input, 2);
            (_, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(connection.Transport.Output, payload);
            connection.Abort();
            Assert.True((await pending).IsCompleted);
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("go");
        await server.HandledAsync();
        await peer.SeesTheEndAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task An_abort_before_the_first_read_ends_it_at_once()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            connection.Abort();
            await Ends(ReadAsync(connection.Transport.Input));
        });

        await ConnectAndSeeTheEndAsync(server);
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task An_abort_from_many_threads_in_the_middle_of_traffic_harms_nobody_else()
    {
        int connections = 0;
        await using TestServer server = await StartAsync(async connection =>
        {
            Task echo = Handlers.EchoAsync(connection);
            if (Interlocked.Increment(ref connections) % 2 == 0)
            {
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(connection.Abort)));
            }

            await echo.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            try
            {
                using Peer peer = await server.ConnectAsync();
                await peer.SendAsync(Payload.Of(MuchButLessThanBuffersTake));
                peer.ShutdownSend();
                await peer.SeesTheEndAsync();
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
            {
            }
        }));
        await Eventually.IsTrue(() => server.OpenConnections == 0);
        Assert.Empty(server.Logs.Warnings);
    }

    // Where reading has ended with an error, the call itself may throw.
    private static async Task<ReadResult> ReadAsync(PipeReader input) => await input.ReadAsync();

    // An abort may come so early that already the connect fails.
    private static async Task ConnectAndSeeTheEndAsync(TestServer server)
    {
        try
        {
            using Peer peer = await server.ConnectAsync();
            await peer.SeesTheEndAsync();
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
        {
        }
    }

    private static async Task Ends(Task<ReadResult> pending)
    {
        await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (pending.IsCompletedSuccessfully)
        {
            ReadResult read = await pending;
            Assert.True(read.IsCompleted || read.IsCanceled);
        }
        else if (pending.IsFaulted)
        {
            Assert.True(pending.Exception.InnerException is IOException or ConnectionAbortedException, pending.Exception.ToString());
        }
        else
        {
            // ConnectionAbortedException is a cancellation by its type.
            await Assert.ThrowsAsync<ConnectionAbortedException>(() => pending);
        }
    }
}
