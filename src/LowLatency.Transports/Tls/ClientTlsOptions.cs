using System.Security.Cryptography.X509Certificates;

namespace LowLatency.Transports.Tls;

/// <summary>Whom a client trusts over TLS, and what it shows of itself.</summary>
/// <remarks>
/// TLS 1.2 and 1.3 only. Whether a certificate was revoked is not asked of anybody, and what it lacks of its chain is not
/// fetched: a handshake talks to nobody but the peer.
/// </remarks>
public sealed record ClientTlsOptions
{
    /// <summary>Certificates of those who may have signed the peer's. Default: <c>null</c>, whom the system trusts.</summary>
    /// <remarks>With some, the system's do not count. <see cref="ReadAuthorities"/> reads a PEM file of them.</remarks>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>The name that the peer is asked for (SNI) and that its certificate must be for. Default: <c>null</c>, the host of the URL.</summary>
    public string? TargetHost { get; init; }

    /// <summary>What is shown to a peer that asks who this is, with its private key. Default: <c>null</c>, nothing.</summary>
    /// <remarks>It stays the caller's, to be kept as long as anything connects with it.</remarks>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Certificates between <see cref="ClientCertificate"/> and the authority that the peer trusts. Default: none.</summary>
    public X509Certificate2Collection? ClientCertificateChain { get; init; }

    /// <summary>Takes any certificate of anybody. Default: <c>false</c>.</summary>
    /// <remarks>
    /// <b>Dangerous</b>: whoever is on the path can pass for the peer, read everything and change it; what is left keeps out
    /// those only who listen and do nothing. For a test of one's own service, and nothing else.
    /// </remarks>
    public bool DangerouslyAcceptAnyCertificate { get; init; }

    /// <summary>Reads authorities for <see cref="TrustedAuthorities"/>.</summary>
    /// <param name="pemFile">One certificate or several, in PEM.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">There is no certificate in it.</exception>
    public static X509Certificate2Collection ReadAuthorities(string pemFile)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(pemFile);
        return authorities.Count > 0
            ? authorities
            : throw new System.Security.Cryptography.CryptographicException("there is no certificate in the file");
    }

    // A record prints all that it has.
    /// <inheritdoc/>
    public override string ToString() => nameof(ClientTlsOptions);
}
