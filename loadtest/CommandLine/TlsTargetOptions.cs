using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Transports;
using LowLatency.Transports.Tls;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The options for targets of TLS.</summary>
internal sealed class TlsTargetOptions
{
    private readonly Option<string> _authorities = new("--ca") { Description = "For tls://: who may have signed the target's certificate, as a PEM file (default: whom the system trusts)", HelpName = "file" };
    private readonly Option<string> _certificate = new("--cert") { Description = "For tls://: the tester's own certificate, as a PEM file", HelpName = "file" };
    private readonly Option<string> _key = new("--key") { Description = "Its private key, as a PEM file (default: in the file of --cert)", HelpName = "file" };
    private readonly Option<bool> _insecure = new("--insecure") { Description = "For tls://: take any certificate of anybody" };
    private readonly Option<string> _serverName = new("--server-name") { Description = "For tls://: whom the certificate must be for (default: the address)", HelpName = "name" };

    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    /// <returns><c>null</c> where nothing was.</returns>
    /// <exception cref="UsageException">No target speaks TLS, a file cannot be used, or two of them contradict each other.</exception>
    public ClientTlsOptions? Read(ParseResult parsed, params EndpointUrl?[] targets)
    {
        if (Array.Find(All, option => parsed.GetResult(option) is { Implicit: false }) is not Option given)
        {
            return null;
        }

        if (!targets.Any(target => target?.EndPoint is TlsEndPoint))
        {
            throw new UsageException($"{given.Name}: not allowed without TLS; allowed: with a target tls://ADDRESS:PORT");
        }

        (string? authorities, string? certificate, string? key) = (parsed.GetValue(_authorities), parsed.GetValue(_certificate), parsed.GetValue(_key));
        bool isInsecure = parsed.GetValue(_insecure);
        if (isInsecure && authorities is not null)
        {
            throw new UsageException("--insecure: not allowed with --ca, which it would make meaningless; allowed: one of them");
        }

        if (key is not null && certificate is null)
        {
            throw new UsageException("--key: not allowed without --cert; allowed: with it");
        }

        if (parsed.GetValue(_serverName) is "")
        {
            throw new UsageException("--server-name: nothing is not allowed; allowed: a name or an address");
        }

        return new ClientTlsOptions
        {
            TrustedAuthorities = authorities is null ? null : Load(_authorities, authorities, () => ClientTlsOptions.ReadAuthorities(authorities)),
            ClientCertificate = certificate is null ? null : Load(_certificate, certificate, () => ReadWithKey(certificate, key)),
            TargetHost = parsed.GetValue(_serverName),
            DangerouslyAcceptAnyCertificate = isInsecure,
        };
    }

    private Option[] All => [_authorities, _certificate, _key, _insecure, _serverName];

    private static X509Certificate2 ReadWithKey(string certificate, string? key)
    {
        var read = X509Certificate2.CreateFromPemFile(certificate, key);
        if (!OperatingSystem.IsWindows())
        {
            return read;
        }

        // There, TLS takes no key that has never been in a store.
        using (read)
        {
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static T Load<T>(Option option, string path, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UsageException($"{option.Name}: '{path}' cannot be used: {exception.Message}; allowed: a PEM file");
        }
    }
}
