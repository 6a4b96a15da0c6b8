using System.Buffers;
using System.Net.Sockets;
using LowLatency.Client.Connecting;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using LowLatency.Transports.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

/// <summary>TLS over the polled transport.</summary>
public sealed class TlsTests : LowLatencyClientContract
{
    private protected override TestTransport Transport { get; } = new EncryptedTransport();

    [Fact(Timeout = Timeout)]
    public async Task The_process_s_own_factory_connects_to_a_target_of_TLS_by_the_options_of_the_target()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        var target = new TlsEndPoint(server.Address, "127.0.0.1") { Options = Transport.Tls! };
        await using ConnectionContext connection = await LowLatencyConnectionFactory.Shared.ConnectAsync(target, Cancellation);

        await connection.Transport.Output.WriteTextAsync("hola\n");

        Assert.Equal("hola\n"u8.ToArray(), (await Handlers.ReadAtLeastAsync(connection.Transport.Input, 5)).Buffer.ToArray());
    }

    [Fact(Timeout = Timeout)]
    public async Task Disposal_does_not_wait_for_a_server_that_never_ends()
    {
        var test = new TaskCompletionSource();
        await using TestServer server = await TestServer.StartAsync(Transport, _ => test.Task);
        var target = new TlsEndPoint(server.Address, "127.0.0.1") { Options = Transport.Tls! };
        ConnectionContext connection = await LowLatencyConnectionFactory.Shared.ConnectAsync(target, Cancellation);

        await connection.DisposeAsync();

        Assert.Equal(1, server.OpenConnections);
        test.SetResult();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_factory_that_knows_nothing_of_TLS_does_not_talk_in_clear_text()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        using var connections = new BusyPollConnectionFactory();

        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await connections.ConnectAsync(new TlsEndPoint(server.Address, "127.0.0.1"), Cancellation));
    }

    [Fact(Timeout = Timeout)]
    public async Task Options_for_TLS_with_a_URL_of_clear_text_are_refused()
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(async () =>
            await LowLatencyClient.ConnectAsync("tcp://127.0.0.1:1", Options(), Cancellation));

        Assert.StartsWith("tcp://127.0.0.1:1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task The_connect_timeout_covers_the_handshake()
    {
        // It takes the hello and says nothing.
        await using TestServer server = await TestServer.StartAsync(new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline), connection => Handlers.DrainAsync(connection.Transport.Input));

        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(async () => await LowLatencyClient.ConnectAsync(
            server.Url().Replace("tcp", "tls", StringComparison.Ordinal), Options() with { ConnectTimeout = TimeSpan.FromMilliseconds(100) }, Cancellation));

        Assert.StartsWith("tls://", error.Message, StringComparison.Ordinal);
        await Eventually.IsTrue(() => server.OpenConnections == 0);
    }
}

/// <summary>TLS over what other systems than Linux have.</summary>
public sealed class PortableTlsTests : LowLatencyClientContract
{
    private protected override TestTransport Transport { get; } = new EncryptedTransport();

    private protected override IConnectionFactory CreateFactory() => new PortableConnectionFactory(NullLoggerFactory.Instance);
}
