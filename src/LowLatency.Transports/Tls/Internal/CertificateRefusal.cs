using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>Puts into words why a peer's certificate is not taken.</summary>
internal static class CertificateRefusal
{
    /// <summary>One line, whatever the peer has put into its certificate.</summary>
    internal static string Describe(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string host)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "the peer shows no certificate";
        }

        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            reasons.Add($"it is for {Names(certificate)} and not for {host}");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
        {
            reasons.AddRange(chain.ChainStatus.Select(status => status.Status).Distinct().Select(status => Describe(status, certificate)));
        }

        return OnOneLine($"the certificate of {certificate.Subject} is refused: {string.Join("; ", reasons)}");
    }

    private static string Describe(X509ChainStatusFlags status, X509Certificate2 certificate) => status switch
    {
        X509ChainStatusFlags.NotTimeValid => string.Create(
            CultureInfo.InvariantCulture,
            $"it, or who has signed it, is out of date (its own time is {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u})"),
        X509ChainStatusFlags.UntrustedRoot => "it leads to an authority that is not trusted",
        X509ChainStatusFlags.PartialChain => "it leads to no authority that is trusted",
        X509ChainStatusFlags.NotSignatureValid => "its signature is wrong",
        X509ChainStatusFlags.NotValidForUsage => "it is not for servers",
        _ => status.ToString(),
    };

    private static string Names(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] all = names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())];
        return all.Length > 0 ? string.Join(", ", all) : "nobody by name";
    }

    private static string OnOneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? '?' : character));
}
