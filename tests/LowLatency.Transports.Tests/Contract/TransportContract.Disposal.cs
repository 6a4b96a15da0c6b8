using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Theory(Timeout = Timeout)]
    [InlineData("")]
    [InlineData("left over")]
    public async Task A_handler_that_returns_while_its_read_is_pending_ends_the_connection(string unconsumed)
    {
        Task<ReadResult>? pending = null;
        await using TestServer server = await StartAsync(async connection =>
        {
            if (unconsumed.Length > 0)
            {
                ReadResult read = await Handlers.ReadAtLeastAsync(connection.Transport.Input, unconsumed.Length);
                connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }

            pending = connection.Transport.Input.ReadAsync().AsTask();
        });
        for (int round = 0; round < 50; round++)
        {
            using Peer peer = await server.ConnectAsync();
            await peer.SendAsync(unconsumed);
            await server.HandledAsync();
            peer.ShutdownSend();
            await peer.SeesTheEndAsync();
        }

        Assert.Empty(server.Logs.Warnings);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_handler_that_gives_up_its_read_as_data_arrives_harms_nobody()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            ReadResult read = await Handlers.ReadAtLeastAsync(connection.Transport.Input, 3);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            _ = connection.Transport.Input.ReadAsync().AsTask();

            // Elsewhere than where the data arrives.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await connection.Transport.Output.WriteTextAsync("go");
            Thread.SpinWait(Random.Shared.Next(3000));
        });
        byte[] flood = Payload.Of(MuchButLessThanBuffersTake);
        for (int round = 0; round < 100; round++)
        {
            using Peer peer = await server.ConnectAsync();
            await peer.SendAsync("abc");
            Assert.Equal("go", await peer.ReceiveTextAsync(2));
            peer.TrySend(flood);
            await server.HandledAsync();
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_handler_that_returns_while_its_flush_is_pending_has_everything_delivered()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        int written = 0;
        await using TestServer server = await StartAsync(connection =>
        {
            (written, _) = Handlers.WriteUntilFlushWaits(connection.Transport.Output, payload);
            return Task.CompletedTask;
        });
        using Peer peer = await server.ConnectAsync();

        await server.HandledAsync();
        byte[] received = await peer.ReceiveToEndAsync();

        Payload.Same(payload.AsMemory(0, written), received);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_handler_that_throws_ends_its_connection_and_no_other()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            if (read.Text() == "bad")
            {
                throw new InvalidOperationException("A bug of the application.");
            }

            await connection.Transport.Output.WriteTextAsync("fine");
        });

        for (int round = 0; round < 20; round++)
        {
            using Peer bad = await server.ConnectAsync();
            using Peer good = await server.ConnectAsync();
            await bad.SendAsync("bad");
            await bad.SeesTheEndAsync();
            await good.SendAsync("good");
            Assert.Equal("fine", await good.ReceiveTextAsync(4));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_stop_with_open_connections_ends_in_time_and_every_client_sees_it()
    {
        byte[] payload = Payload.Of(MoreThanTheKernelTakes);
        int baseline = Descriptors.Count;
        TestServer server = await StartAsync(async connection =>
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            if (read.Text() == "write")
            {
                (_, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(connection.Transport.Output, payload);
                await pending;
            }

            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Input.ReadAsync();
        });
        Peer[] peers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async index =>
        {
            Peer peer = await server.ConnectAsync();
            await peer.SendAsync(index % 3 == 0 ? "write" : index % 3 == 1 ? "read" : "");
            return peer;
        }));
        await Eventually.IsTrue(() => server.OpenConnections == peers.Length);

        await server.StopAsync().WaitAsync(Hanging.Patience, TestContext.Current.CancellationToken);
        foreach (Peer peer in peers)
        {
            await peer.SeesTheEndAsync();
            peer.Dispose();
        }

        await server.DisposeAsync();
        await Descriptors.AreBackAt(baseline);
    }

    [Fact(Timeout = Timeout)]
    public async Task Nobody_is_stopped_from_listening_again_at_the_same_moment()
    {
        for (int round = 0; round < 20; round++)
        {
            await using TestServer server = await StartAsync(Handlers.EchoAsync);
            using Peer peer = await server.ConnectAsync();
            await peer.SendAsync("abc");
            Assert.Equal("abc", await peer.ReceiveTextAsync(3));
        }
    }
}
