using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>A service with TLS on its TCP endpoint, and clients that trust who has signed its certificate.</summary>
public abstract class TlsFixture(string transport) : IDisposable
{
    private protected TemporaryFolder Folder { get; } = new();

    private protected Authority Issuer { get; } = new("authority");

    public void Dispose()
    {
        Issuer.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<ServiceProcess> StartAsync(params (string Key, string Value)[] settings) => ServiceProcess.StartAsync(SettingsWithFiles(settings));

    private protected Task<ServiceProcess> StartAsync(params string[] settings) => ServiceProcess.StartAsync([.. SettingsWithFiles(), .. settings]);

    private protected Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(SettingsWithFiles());

    private protected string[] SettingsWithFiles(params (string Key, string Value)[] settings)
    {
        using X509Certificate2 certificate = Issuer.Issue("service");
        Authority.Write(certificate, Folder.File("certificate.pem"), Folder.File("key.pem"));
        return Settings([("Certificate", Folder.File("certificate.pem")), ("Key", Folder.File("key.pem")), .. settings]);
    }

    private protected string[] Settings(params (string Key, string Value)[] settings)
        => [.. settings.Select(setting => $"--LowLatency:Endpoints:Tcp:Tls:{setting.Key}={setting.Value}"), .. ServiceProgram.Transport(transport, "Tcp")];

    private protected async Task<SslStream> ConnectAsync(ServiceProcess service, SslProtocols protocols = SslProtocols.None, X509Certificate2? certificate = null)
        => await ConnectAsync(await service.ConnectAsync(), protocols, certificate);

    private protected Task<SslStream> ConnectAsync(ServiceClient client, SslProtocols protocols, X509Certificate2? certificate = null)
        => ConnectAsync(new NetworkStream(client.Socket, ownsSocket: true), protocols, certificate);

    private protected async Task<SslStream> ConnectAsync(Stream encrypted, SslProtocols protocols, X509Certificate2? certificate = null)
    {
        var stream = new SslStream(encrypted);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(Issuer.Certificate);
        using var deadline = new CancellationTokenSource(Deadline.Default);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                EnabledSslProtocols = protocols,
                CertificateChainPolicy = trust,

                // Offline, for the client itself fetches what its certificate names, otherwise.
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
            deadline.Token);
        return stream;
    }

    private protected static void AssertNothingToWarnOf(ServiceProcess service)
        => Assert.DoesNotContain(service.Lines, line => line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal));

    // Up to the end, which may be a goodbye, or that of the connection between two records.
    private protected static async Task<string> ReadToEndAsync(SslStream client)
    {
        using var deadline = new CancellationTokenSource(Deadline.Default);
        using var said = new MemoryStream();
        await client.CopyToAsync(said, deadline.Token);
        return Encoding.ASCII.GetString(said.ToArray());
    }

    private protected static async Task<string> AskAsync(SslStream client)
    {
        using var deadline = new CancellationTokenSource(Deadline.Default);
        await client.WriteAsync("hola"u8.ToArray(), deadline.Token);
        byte[] reply = new byte[9];
        int count = await client.ReadAtLeastAsync(reply, reply.Length, throwOnEndOfStream: false, deadline.Token);
        return Encoding.ASCII.GetString(reply, 0, count);
    }
}
