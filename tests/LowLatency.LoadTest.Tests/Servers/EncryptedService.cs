using System.Security.Cryptography.X509Certificates;
using LowLatency.LoadTest.Demo;
using LowLatency.Service.Tests.Encrypting;

namespace LowLatency.LoadTest.Tests.Servers;

/// <summary>The service itself, speaking TLS over TCP, with an authority that has signed its certificate and the tester's own.</summary>
public sealed class EncryptedService : IDisposable
{
    private readonly DemoEndpoints _endpoints = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ll-");
    private readonly ServiceProcess _process;

    public EncryptedService()
        : this([])
    {
    }

    private EncryptedService(string[] settings)
    {
        using var authority = new Authority("authority");
        using X509Certificate2 own = authority.Issue("service");
        using X509Certificate2 client = authority.Issue("client");
        Authority.Write(own, File("service.pem"), File("service.key"));
        Authority.Write(client, File("client.pem"), File("client.key"));
        System.IO.File.WriteAllText(Ca, authority.Certificate.ExportCertificatePem());
        _process = ServiceProcess.Start(RealService.Program, _endpoints,
        [
            $"LowLatency:Endpoints:Tcp:Tls:Certificate={File("service.pem")}",
            $"LowLatency:Endpoints:Tcp:Tls:Key={File("service.key")}",
            "LowLatency:Tuning:WarmUp=false",
            "LowLatency:Framing=Line",
            .. settings.Select(setting => setting.Replace("CA", Ca, StringComparison.Ordinal)),
        ]);
        Assert.True(_process.WaitUntilReady(_endpoints.Sidecar, TestContext.Current.CancellationToken), _process.Output);
    }

    public string Ca => File("ca.pem");

    public string Certificate => File("client.pem");

    public string Key => File("client.key");

    public string Url => _endpoints.Tcp.Text.Replace("tcp://", "tls://", StringComparison.Ordinal);

    /// <summary>Of the same address, by a name that is not in the certificate.</summary>
    public string UrlByName => Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    public string Sidecar => _endpoints.Sidecar.GetLeftPart(UriPartial.Authority);

    /// <summary>One that serves those only who show a certificate.</summary>
    public static EncryptedService OfKnownClients() => new(
        ["LowLatency:Endpoints:Tcp:Tls:ClientCertificates=Required", "LowLatency:Endpoints:Tcp:Tls:ClientCa=CA"]);

    public void Dispose()
    {
        _process.Dispose();
        _endpoints.Dispose();
        _folder.Delete(recursive: true);
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);
}
