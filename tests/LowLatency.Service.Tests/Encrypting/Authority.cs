using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>A certificate authority of one test.</summary>
internal sealed class Authority : IDisposable
{
    private const string CertificatePolicies = "2.5.29.32";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal Authority(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        Certificate = request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
    }

    internal X509Certificate2 Certificate { get; }

    /// <summary>A certificate with its key, for 127.0.0.1.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="expired">Whether its time is over.</param>
    /// <param name="issuerAt">Where it says that its issuer is to be had.</param>
    /// <param name="malformed">Whether one of its extensions, which OpenSSL leaves to others, is no ASN.1.</param>
    internal X509Certificate2 Issue(string name, bool expired = false, string? issuerAt = null, bool malformed = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (issuerAt is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuerAt]));
        }

        if (malformed)
        {
            request.CertificateExtensions.Add(new X509Extension(CertificatePolicies, [0xFF, 0xFF], critical: false));
        }

        using X509Certificate2 signed = request.Create(Certificate, Now.AddDays(-9), expired ? Now.AddDays(-1) : Now.AddDays(9), RandomNumberGenerator.GetBytes(8));
        return X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Writes a certificate and its key as PEM files.</summary>
    internal static void Write(X509Certificate2 certificate, string certificateFile, string keyFile)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
