using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Client.Connecting;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Service.Tests.Encrypting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using LowLatency.Transports.Tls;
using LowLatency.Transports.Tls.Internal;
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
        test.SetResult();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_breaks_TLS_fails_the_read_and_not_the_disposal()
    {
        using var authority = new Authority("authority");
        using X509Certificate2 certificate = authority.Issue("server");
        await using TestServer server = await TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline), connection => SendGarbageAsync(connection, certificate));
        var target = new TlsEndPoint(server.Address, "127.0.0.1") { Options = new() { TrustedAuthorities = [authority.Certificate] } };
        ConnectionContext connection = await LowLatencyConnectionFactory.Shared.ConnectAsync(target, Cancellation);

        await Assert.ThrowsAnyAsync<IOException>(async () => await connection.Transport.Input.ReadAsync(Cancellation));
        await connection.DisposeAsync();
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

    private static async Task SendGarbageAsync(ConnectionContext connection, X509Certificate2 certificate)
    {
        await using var stream = new TransportStream(connection);
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(certificate);
        stream.HandshakeIsOver();

        // A record as it should be, around what nobody has encrypted.
        await connection.Transport.Output.WriteTextAsync("\x17\x03\x03\0\x20" + new string('z', 32));
        await Handlers.DrainAsync(connection.Transport.Input);
    }
}

/// <summary>TLS over what other systems than Linux have.</summary>
public sealed class PortableTlsTests : LowLatencyClientContract
{
    private protected override TestTransport Transport { get; } = new EncryptedTransport();

    private protected override IConnectionFactory CreateFactory() => new PortableConnectionFactory(NullLoggerFactory.Instance);
}
