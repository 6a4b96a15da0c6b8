using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task A_client_that_has_ended_its_side_still_gets_the_reply()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            byte[] request = await Handlers.ReadToEndAsync(connection.Transport.Input);
            await connection.Transport.Output.WriteTextAsync($"{request.Length} bytes");
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");
        peer.ShutdownSend();

        Assert.Equal("3 bytes", await peer.ReceiveTextToEndAsync());
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_ends_at_once_is_an_empty_stream()
    {
        await using TestServer server = await StartAsync(async connection => Assert.Empty(await Handlers.ReadToEndAsync(connection.Transport.Input)));
        using Peer peer = await server.ConnectAsync();

        peer.ShutdownSend();

        Assert.Empty(await peer.ReceiveToEndAsync());
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task What_was_written_but_not_flushed_goes_out_when_the_output_is_completed()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            "abc"u8.CopyTo(connection.Transport.Output.GetSpan(3));
            connection.Transport.Output.Advance(3);
            await connection.Transport.Output.CompleteAsync();
        });
        using Peer peer = await server.ConnectAsync();

        Assert.Equal("abc", await peer.ReceiveTextToEndAsync());
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task The_end_of_a_connection_is_told_once()
    {
        int told = 0;
        await using TestServer server = await StartAsync(async connection =>
        {
            connection.ConnectionClosed.Register(() => Interlocked.Increment(ref told));
            await Handlers.EchoAsync(connection);
        });
        for (int round = 1; round <= 20; round++)
        {
            using Peer peer = await server.ConnectAsync();
            await peer.SendAsync("abc");
            await peer.ReceiveTextAsync(3);
            peer.ShutdownSend();
            await peer.SeesTheEndAsync();
            await server.HandledAsync();
            await Eventually.IsTrue(() => Volatile.Read(ref told) >= round);
            Assert.Equal(round, told);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_leaves_is_told_to_a_handler_that_does_not_read()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();
            await WhenClosed(connection);
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        (await server.ConnectAsync()).Dispose();

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_callback_that_throws_at_the_end_harms_nobody()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            connection.ConnectionClosed.Register(() => throw new InvalidOperationException("A bug of the application."));
            await Handlers.EchoAsync(connection);
        });

        for (int round = 0; round < 3; round++)
        {
            using Peer peer = await server.ConnectAsync();
            await peer.SendAsync("abc");
            Assert.Equal("abc", await peer.ReceiveTextAsync(3));
            peer.ShutdownSend();
            await peer.SeesTheEndAsync();
            await server.HandledAsync();
        }
    }

    private static async Task WhenClosed(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task;
    }
}
