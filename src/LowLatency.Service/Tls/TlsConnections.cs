using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Service.Configuration;
using LowLatency.Transports.Tls.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace LowLatency.Service.Tls;

/// <summary>TLS under the handler of an endpoint: the handshake, with a deadline, then clear text in both of its pipes.</summary>
/// <remarks>
/// Kestrel's own middleware tells nobody why a handshake came to nothing, and runs it where the bytes arrive. Here it is
/// counted, and computed on the thread pool: on the poll loop it would hold up everybody else for about a millisecond. What
/// comes after it stays on the loop.
/// </remarks>
/// <param name="options">The certificate, and whom it is shown to.</param>
/// <param name="handshakeTimeout">How long a client may take for its handshake.</param>
/// <param name="goodbyeTimeout">How long the goodbye may wait for a peer that does not read. Nobody else watches over it: what served the connection has ended.</param>
/// <param name="failed">Told of each connection that came to nothing here, and why.</param>
/// <param name="logger">Where failed handshakes are told of.</param>
internal sealed class TlsConnections(TlsOptions options, TimeSpan handshakeTimeout, TimeSpan goodbyeTimeout, Action<ErrorType>? failed, ILogger logger)
{
    // A record of TLS at once, so that a message of up to that size is one read.
    private const int RecordBytes = 16 * 1024;

    // In a stop: its first request may be on the way already.
    private static readonly TimeSpan HandshakeOfLeavingTimeout = TimeSpan.FromSeconds(1);

    private readonly CertificateFile _certificate = new(options, logger);
    private readonly X509Certificate2Collection? _clientCa = CertificateFile.LoadClientCa(options);

    internal ConnectionDelegate Around(ConnectionDelegate next) => async connection =>
    {
        IDuplexPipe encrypted = connection.Transport;
        await using var stream = new TransportStream(connection);
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        if (!await TryShakeHandsAsync(connection, tls))
        {
            return;
        }

        stream.HandshakeIsOver();
        connection.Transport = new ClearText(tls, stream);
        try
        {
            await next(connection);
            await TrySayGoodbyeAsync(connection, tls);
        }
        finally
        {
            connection.Transport = encrypted;
        }
    };

    private async Task<bool> TryShakeHandsAsync(ConnectionContext connection, SslStream tls)
    {
        CancellationToken leaving = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var deadline = new CancellationTokenSource(handshakeTimeout);
        long started = Stopwatch.GetTimestamp();
        using CancellationTokenRegistration hurry = leaving.UnsafeRegister(
            _ =>
            {
                TimeSpan left = handshakeTimeout - Stopwatch.GetElapsedTime(started);
                if (left > HandshakeOfLeavingTimeout)
                {
                    deadline.CancelAfter(HandshakeOfLeavingTimeout);
                }
            },
            null);
        try
        {
            await tls.AuthenticateAsServerAsync(Settings(), deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            // A stop ends it like one that has not asked yet: by a FIN.
            if (!leaving.IsCancellationRequested)
            {
                Log.HandshakeFailed(logger, options.Key, "it took too long");
                failed?.Invoke(ErrorType.HandshakeTimeout);
                connection.Abort();
            }
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or InvalidDataException or CryptographicException)
        {
            // Of cryptography is what a certificate of the client throws that cannot be read to its end.
            Log.HandshakeFailed(logger, options.Key, exception.InnerException?.Message ?? exception.Message);
            failed?.Invoke(ErrorType.TlsHandshake);
        }

        return false;
    }

    private SslServerAuthenticationOptions Settings() => new()
    {
        ServerCertificateContext = _certificate.Current,
        EnabledSslProtocols = options.Protocols,
        ClientCertificateRequired = options.ClientCertificates == ClientCertificates.Required,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = Trust(_clientCa),
        AllowRenegotiation = false,
    };

    // Nothing is fetched: a certificate names the address, and whoever shows one would send the service there.
    private static X509ChainPolicy Trust(X509Certificate2Collection? authorities)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    // Without it, the peer cannot tell the end from a cut.
    private async Task TrySayGoodbyeAsync(ConnectionContext connection, SslStream tls)
    {
        try
        {
            Task goodbye = tls.ShutdownAsync();
            await goodbye.WaitAsync(goodbyeTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!goodbye.IsCompleted)
            {
                failed?.Invoke(ErrorType.SlowReader);
                connection.Abort(new ConnectionAbortedException("The peer does not take the goodbye of TLS."));
            }

            await goodbye;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or CryptographicException)
        {
            // The peer has gone already, or has broken TLS, and then OpenSSL has nothing more to say.
        }
    }

    private sealed class ClearText(SslStream tls, TransportStream encrypted) : IDuplexPipe
    {
        public PipeReader Input { get; } = new DecryptedInput(
            PipeReader.Create(tls, new StreamPipeReaderOptions(bufferSize: RecordBytes, leaveOpen: true)), encrypted);

        public PipeWriter Output { get; } = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
