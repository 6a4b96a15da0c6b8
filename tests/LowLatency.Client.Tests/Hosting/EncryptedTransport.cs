using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Service.Tests.Encrypting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using LowLatency.Transports.Tls;
using LowLatency.Transports.Tls.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LowLatency.Client.Tests.Hosting;

/// <summary>TLS over the busy-polled transport, with an authority for all tests.</summary>
/// <remarks>Not by Kestrel's own middleware: that never tells a handler that its peer has gone, and one that only writes goes on for ever.</remarks>
internal sealed class EncryptedTransport : TestTransport
{
    private static readonly Authority Authority = new("authority");
    private static readonly X509Certificate2 Certificate = Authority.Issue("server");

    // Decryption goes on on the thread pool, which loops that spin would keep from a CPU where there are two.
    private readonly BusyPollTransport _transport = new(
        AddressFamily.InterNetwork, ApplicationScheduling.Inline, polling => polling.WaitStrategy = WaitStrategy.Blocking);

    internal override ClientTlsOptions Tls { get; } = new() { TrustedAuthorities = [Authority.Certificate] };

    internal override void Use(IWebHostBuilder builder) => _transport.Use(builder);

    internal override EndPoint NewEndPoint() => _transport.NewEndPoint();

    internal override void Prepare(ListenOptions listen) => listen.Use(next => connection => ServeAsync(connection, next));

    internal override IConnectionFactory CreateClient() => _transport.CreateClient();

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        IDuplexPipe encrypted = connection.Transport;
        await using var stream = new TransportStream(connection);
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsServerAsync(Certificate);
            stream.HandshakeIsOver();
            connection.Transport = new ClearText(
                PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true)));
            await next(connection);
            await tls.ShutdownAsync();
        }
        catch (Exception gone) when (gone is IOException or AuthenticationException or OperationCanceledException)
        {
            // The client went first.
        }

        connection.Transport = encrypted;
    }

    private sealed record ClearText(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
