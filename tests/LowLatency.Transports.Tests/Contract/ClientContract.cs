using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

/// <summary>What a transport's connection factory owes to a client, tested against a server on the same transport.</summary>
public abstract class ClientContract : IDisposable
{
    private protected const int Timeout = Hanging.After;

    private IConnectionFactory? _factory;

    private protected abstract TestTransport Transport { get; }

    private IConnectionFactory Factory => _factory ??= Transport.CreateClient();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        (_factory as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(16 * 1024)]
    [InlineData(1024 * 1024)]
    [InlineData(16 * 1024 * 1024)]
    public async Task Whatever_a_client_sends_comes_back(int length)
    {
        byte[] payload = Payload.Of(length);
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await using ConnectionContext client = await ConnectAsync(server);

        Task<byte[]> receiving = Handlers.ReadToEndAsync(client.Transport.Input);
        await client.Transport.Output.WriteAsync(payload, Cancellation);
        await client.Transport.Output.CompleteAsync();

        Payload.Same(payload, await receiving);
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task One_message_after_another_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await using ConnectionContext client = await ConnectAsync(server);

        for (int message = 0; message < 2000; message++)
        {
            byte[] payload = Payload.Of(1 + (message % 50), seed: message);
            await client.Transport.Output.WriteAsync(payload, Cancellation);
            ReadResult read = await Handlers.ReadAtLeastAsync(client.Transport.Input, payload.Length);
            Payload.Same(payload, read.Buffer.ToArray());
            client.Transport.Input.AdvanceTo(read.Buffer.End);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_only_tries_to_read_receives_on_its_own_thread()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await using ConnectionContext client = await ConnectAsync(server);

        for (int message = 0; message < 200; message++)
        {
            await client.Transport.Output.WriteTextAsync("abc");
            ReadResult read;
            while (!client.Transport.Input.TryRead(out read))
            {
                Cancellation.ThrowIfCancellationRequested();
                Thread.Yield();
            }

            Assert.Equal("abc", read.Text());
            client.Transport.Input.AdvanceTo(read.Buffer.End);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_closes_is_seen_as_the_end()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, connection => connection.Transport.Output.WriteTextAsync("bye"));
        await using ConnectionContext client = await ConnectAsync(server);

        Assert.Equal("bye", System.Text.Encoding.ASCII.GetString(await Handlers.ReadToEndAsync(client.Transport.Input)));
        await Eventually.IsTrue(() => client.ConnectionClosed.IsCancellationRequested);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_aborts_is_seen_as_a_reset()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            connection.Abort();
        });
        await using ConnectionContext client = await ConnectAsync(server);
        await client.Transport.Output.WriteTextAsync("abc");

        try
        {
            // A Unix socket has no reset: there the end is all that a peer can see.
            Assert.Empty(await Handlers.ReadToEndAsync(client.Transport.Input));
        }
        catch (ConnectionResetException)
        {
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_is_disposed_is_seen_as_the_end()
    {
        byte[] received = [];
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
            received = await Handlers.ReadToEndAsync(connection.Transport.Input));
        ConnectionContext client = await ConnectAsync(server);
        await client.Transport.Output.WriteTextAsync("that is all");
        await client.DisposeAsync();

        await server.HandledAsync();
        Assert.Equal("that is all", System.Text.Encoding.ASCII.GetString(received));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_target_that_nobody_listens_on_is_a_clear_error()
    {
        TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        System.Net.EndPoint address = server.Address;
        await server.StopAsync();
        await server.DisposeAsync();

        IOException error = await Assert.ThrowsAnyAsync<IOException>(async () => await Factory.ConnectAsync(address, Cancellation));
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancelled_connect_is_cancelled()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Factory.ConnectAsync(server.Address, new CancellationToken(canceled: true)));
    }

    [Fact(Timeout = Timeout)]
    public async Task Hundreds_of_connections_at_once_are_all_answered_and_leave_no_descriptor()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await AskOnceAsync(server, 0);
        int before = Descriptors.Count;

        await Task.WhenAll(Enumerable.Range(0, 300).Select(client => AskOnceAsync(server, client)));

        await Descriptors.AreBackAt(before);
    }

    private ValueTask<ConnectionContext> ConnectAsync(TestServer server) => Factory.ConnectAsync(server.Address, Cancellation);

    private async Task AskOnceAsync(TestServer server, int seed)
    {
        await using ConnectionContext client = await ConnectAsync(server);
        byte[] payload = Payload.Of(100, seed);
        await client.Transport.Output.WriteAsync(payload, Cancellation);
        ReadResult read = await Handlers.ReadAtLeastAsync(client.Transport.Input, payload.Length);
        Payload.Same(payload, read.Buffer.ToArray());
        client.Transport.Input.AdvanceTo(read.Buffer.End);
    }
}
