using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>What all handshakes with one target have in common, made once. Any thread.</summary>
internal sealed class ClientTls
{
    private readonly ClientTlsOptions _options;
    private readonly X509ChainPolicy _trust;
    private readonly SslStreamCertificateContext? _own;

    /// <exception cref="System.Security.Cryptography.CryptographicException">The client's certificate has no private key.</exception>
    internal ClientTls(TlsEndPoint target)
    {
        _options = target.Options;
        Host = target.Options.TargetHost ?? target.Host;
        _trust = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (_options.TrustedAuthorities is X509Certificate2Collection authorities)
        {
            _trust.TrustMode = X509ChainTrustMode.CustomRootTrust;
            _trust.CustomTrustStore.AddRange(authorities);
        }

        if (_options.ClientCertificate is X509Certificate2 own)
        {
            _own = own.HasPrivateKey
                ? SslStreamCertificateContext.Create(own, _options.ClientCertificateChain, offline: true)
                : throw new System.Security.Cryptography.CryptographicException("The client's certificate has no private key.");
        }
    }

    /// <summary>Whom the peer must be.</summary>
    internal string Host { get; }

    /// <summary>Whether every handshake is a whole one, and none takes up where an earlier one has left off.</summary>
    internal bool AlwaysInFull { get; init; }

    internal bool AcceptsAnyCertificate => _options.DangerouslyAcceptAnyCertificate;

    internal SslClientAuthenticationOptions Settings => new()
    {
        TargetHost = Host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = _trust,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateContext = _own,
        AllowRenegotiation = false,
        AllowTlsResume = !AlwaysInFull,
    };
}
