using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Service.Tests.Encrypting;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Startup;

/// <summary>The warm-up drives the service's own code, and leaves no trace that a user could see.</summary>
public abstract class WarmUpTests(string transport)
{
    [Fact]
    public async Task A_warm_up_is_not_counted_and_takes_no_slot()
    {
        await using ServiceProcess service = await StartAsync();
        await AssertNoTraceAsync(service);

        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        await service.AssertMetricAsync(1, "lowlatency_requests_total");
    }

    [Fact]
    public async Task A_warm_up_through_TLS_is_not_counted_either_and_needs_no_certificate_where_clients_do()
    {
        using var folder = new TemporaryFolder();
        using var authority = new Authority("authority");
        using X509Certificate2 own = authority.Issue("service");
        using X509Certificate2 clients = authority.Issue("client");
        (string certificate, string key, string ca) = (folder.File("certificate.pem"), folder.File("key.pem"), folder.File("ca.pem"));
        Authority.Write(own, certificate, key);
        await File.WriteAllTextAsync(ca, authority.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(
            $"--LowLatency:Endpoints:Tcp:Tls:Certificate={certificate}",
            $"--LowLatency:Endpoints:Tcp:Tls:Key={key}",
            "--LowLatency:Endpoints:Tcp:Tls:ClientCertificates=Required",
            $"--LowLatency:Endpoints:Tcp:Tls:ClientCa={ca}");
        await AssertNoTraceAsync(service);

        using ServiceClient client = await service.ConnectAsync();
        await using var tls = new SslStream(new NetworkStream(client.Socket));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { ClientCertificates = [clients], RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
            TestContext.Current.CancellationToken);
        await tls.WriteAsync("hola"u8.ToArray(), TestContext.Current.CancellationToken);
        byte[] reply = new byte[9];
        await tls.ReadExactlyAsync(reply, TestContext.Current.CancellationToken);
        Assert.Equal("respuesta"u8.ToArray(), reply);
        await service.AssertMetricAsync(1, "lowlatency_requests_total");
    }

    [Theory]
    [InlineData(100, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)]
    [InlineData(1, UnixFileMode.UserRead | UnixFileMode.UserExecute)]
    [SupportedOSPlatform("linux")]
    public async Task One_that_has_no_folder_to_listen_in_costs_a_warning_and_nothing_else(int nameLength, UnixFileMode mode)
    {
        using var folder = new TemporaryFolder();
        string unfit = Directory.CreateDirectory(folder.File(new string('x', nameLength)), mode).FullName;
        await using ServiceProcess service = await ServiceProcess.StartUnderAsync(
            PermissionTests.Unprivileged(),
            new Dictionary<string, string> { ["TMPDIR"] = unfit },
            ["--LowLatency:Tuning:WarmUp=true", .. ServiceProgram.Transport(transport, "Tcp", "Unix")]);
        Assert.Contains(service.Lines, line => line.Contains(" WRN ", StringComparison.Ordinal) && line.Contains("The warm-up failed", StringComparison.Ordinal));
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        Assert.Empty(Directory.GetDirectories(unfit, "lowlatency-*"));
    }

    private Task<ServiceProcess> StartAsync(params string[] settings) => ServiceProcess.StartAsync(
        [
            "--LowLatency:Tuning:WarmUp=true",
            "--LowLatency:Limits:MaxConnections=1",
            .. ServiceProgram.Transport(transport, "Tcp", "Unix"),
            .. settings,
        ]);

    private static async Task AssertNoTraceAsync(ServiceProcess service)
    {
        Assert.Contains(service.Lines, line => line.Contains("Warmed up by ", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Lines, line => line.Contains(" WRN ", StringComparison.Ordinal));
        Assert.Equal(0, await service.MetricAsync("lowlatency_requests_total"));
        Assert.Equal(0, await service.MetricAsync("lowlatency_errors_total"));
        Assert.Equal(0, await service.MetricAsync("lowlatency_connections_active"));
    }
}

public sealed class BusyPollWarmUpTests() : WarmUpTests("BusyPoll");

public sealed class SocketsWarmUpTests() : WarmUpTests("Sockets");
