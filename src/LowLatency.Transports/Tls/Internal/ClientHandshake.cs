using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>The client's handshake over one connection, and why it came to nothing.</summary>
internal sealed class ClientHandshake
{
    private readonly ClientTls _tls;
    private string? _refusal;

    /// <param name="tls">Whom to trust.</param>
    /// <param name="encrypted">The connection; not closed with the clear text.</param>
    internal ClientHandshake(ClientTls tls, Stream encrypted)
    {
        _tls = tls;
        ClearText = new SslStream(encrypted, leaveInnerStreamOpen: true, IsTaken);
    }

    /// <summary>What is sent and received, after the handshake.</summary>
    internal SslStream ClearText { get; }

    /// <exception cref="TlsHandshakeException">One of the two refused the other, or the peer does not speak TLS.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ClearText.AuthenticateAsClientAsync(_tls.Settings, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or InvalidDataException or ConnectionAbortedException or CryptographicException)
        {
            // Of cryptography is what a certificate of the server throws that cannot be read to its end.
            throw new TlsHandshakeException(_refusal ?? $"the handshake of TLS failed: {Innermost(exception)}", exception);
        }
    }

    /// <summary>The most telling message of an exception: what wraps it says only that something failed.</summary>
    internal static string Innermost(Exception exception)
    {
        while (exception.InnerException is Exception inner)
        {
            exception = inner;
        }

        return exception.Message.ReplaceLineEndings(" ");
    }

    private bool IsTaken(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || _tls.AcceptsAnyCertificate)
        {
            return true;
        }

        _refusal = CertificateRefusal.Describe(certificate as X509Certificate2, chain, errors, _tls.Host);
        return false;
    }
}
