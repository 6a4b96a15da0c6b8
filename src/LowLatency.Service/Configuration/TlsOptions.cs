using System.Security.Authentication;

namespace LowLatency.Service.Configuration;

/// <summary>Whether clients show certificates.</summary>
internal enum ClientCertificates
{
    /// <summary>They are not asked for.</summary>
    None,

    /// <summary>Without one that is trusted, a client is refused.</summary>
    Required,
}

/// <summary><c>LowLatency:Endpoints:NAME:Tls</c>.</summary>
/// <param name="Key">The configuration key of the section, for messages.</param>
/// <param name="Certificate">PEM file with the certificate and what it is signed by, or PKCS#12 file.</param>
/// <param name="PrivateKey">PEM file with the key; <c>null</c> when it is in the file of the certificate.</param>
/// <param name="Password">Of the key or the PKCS#12 file.</param>
/// <param name="ClientCertificates">Whether clients show certificates.</param>
/// <param name="ClientCa">PEM file with whom the clients' certificates are signed by; <c>null</c> for the machine's store.</param>
/// <param name="Protocols">The versions of TLS.</param>
internal sealed record TlsOptions(
    string Key, string Certificate, string? PrivateKey, string? Password, ClientCertificates ClientCertificates, string? ClientCa, SslProtocols Protocols)
{
    // A record prints all that it has.
    public override string ToString() => Certificate;
}
