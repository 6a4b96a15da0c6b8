using System.Security.Authentication;
using LowLatency.Service.Tls;

namespace LowLatency.Service.Configuration;

/// <summary>Reads the section <c>Tls</c> of an endpoint, and loads its files once to know that they can be.</summary>
internal static class TlsReader
{
    private static readonly Dictionary<string, SslProtocols> Versions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Tls12"] = SslProtocols.Tls12,
        ["Tls13"] = SslProtocols.Tls13,
    };

    internal static TlsOptions? Read(SectionReader section, string key)
    {
        var options = new TlsOptions(
            key,
            section.Text("Certificate", ""),
            NoneIfEmpty(section.Text("Key", "")),
            NoneIfEmpty(section.Text("Password", "")),
            section.Choice("ClientCertificates", ClientCertificates.None),
            NoneIfEmpty(section.Text("ClientCa", "")),
            Protocols(section));
        section.RefuseUnknownKeys();
        if (section.IsValue)
        {
            return null;
        }

        if (options.Certificate.Length == 0)
        {
            section.Report("Certificate", "it is missing; set it to a PEM file (and Key to another) or a PKCS#12 file, or leave Tls out for clear text");
            return null;
        }

        if (options is { ClientCa: not null, ClientCertificates: ClientCertificates.None })
        {
            section.Report("ClientCa", "without a meaning unless ClientCertificates is Required");
        }

        Try(section, "Certificate", () => CertificateFile.Load(options));
        Try(section, "ClientCa", () => CertificateFile.LoadClientCa(options));
        return options;
    }

    private static SslProtocols Protocols(SectionReader section)
    {
        SslProtocols protocols = SslProtocols.None;
        foreach (string text in section.Texts("Protocols"))
        {
            protocols |= Versions.TryGetValue(text, out SslProtocols version)
                ? version
                : section.Refuse("Protocols", text, string.Join(", ", Versions.Keys), SslProtocols.None);
        }

        return protocols == SslProtocols.None ? SslProtocols.Tls12 | SslProtocols.Tls13 : protocols;
    }

    private static void Try(SectionReader section, string name, Func<object?> load)
    {
        try
        {
            load();
        }
        catch (Exception exception) when (CertificateFile.IsUnusable(exception))
        {
            section.Report(name, $"cannot be used: {exception.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static string? NoneIfEmpty(string text) => text.Length == 0 ? null : text;
}
