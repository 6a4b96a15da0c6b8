using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>TLS on a TCP endpoint: who is served, who is refused, and how certificates are replaced.</summary>
public abstract class TlsTests(string transport) : TlsFixture(transport)
{
    private const string Errors = "lowlatency_errors_total";
    private const string Failed = "error_type=\"tls_handshake\"";

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Requests_are_answered_by_both_versions(SslProtocols protocol)
    {
        await using ServiceProcess service = await StartAsync();
        await using (SslStream client = await ConnectAsync(service, protocol))
        {
            Assert.Equal(protocol, client.SslProtocol);
            for (int request = 0; request < 100; request++)
            {
                Assert.Equal("respuesta", await AskAsync(client));
            }
        }

        Assert.Equal(100, await service.SettledMetricAsync("lowlatency_requests_total"));
        Assert.Equal(0, await service.MetricAsync(Errors));
    }

    [Fact]
    public async Task Pkcs12_will_do_as_well_with_its_password()
    {
        using X509Certificate2 certificate = Issuer.Issue("service");
        await File.WriteAllBytesAsync(Folder.File("service.p12"), certificate.Export(X509ContentType.Pkcs12, "secret"), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await ServiceProcess.StartAsync(Settings(("Certificate", Folder.File("service.p12")), ("Password", "secret")));
        await using SslStream client = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(client));
    }

    [Fact]
    public async Task Clear_text_and_old_versions_are_refused_and_counted()
    {
        string openssl = External.Require("openssl", "openssl");
        await using ServiceProcess service = await StartAsync();
        using (ServiceClient client = await service.ConnectAsync())
        {
            await client.SendAsync("hola, this is no hello of TLS");
            Assert.DoesNotContain("respuesta", await client.ReceiveToTheEndAsync(), StringComparison.Ordinal);
        }

        await service.AssertMetricAsync(1, Errors, Failed);
        (int exitCode, _) = await External.ShellAsync(
            $"echo hola | {openssl} s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0 -connect 127.0.0.1:{service.Port("Tcp")}");
        Assert.NotEqual(0, exitCode);
        await service.AssertMetricAsync(2, Errors, Failed);
        Assert.DoesNotContain(service.Lines, line => line.Contains(" WRN ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_certificates_are_required_only_a_valid_one_of_the_right_authority_is_served()
    {
        using var stranger = new Authority("stranger");
        using X509Certificate2 right = Issuer.Issue("client");
        using X509Certificate2 expired = Issuer.Issue("client", expired: true);
        using X509Certificate2 wrong = stranger.Issue("client");
        await File.WriteAllTextAsync(Folder.File("ca.pem"), Issuer.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(("ClientCertificates", "Required"), ("ClientCa", Folder.File("ca.pem")));

        int refused = 0;
        foreach (X509Certificate2? certificate in (X509Certificate2?[])[null, expired, wrong])
        {
            Assert.Empty(await TryAskAsync(service, certificate));
            await service.AssertMetricAsync(++refused, Errors, Failed);
        }

        Assert.Equal("respuesta", await TryAskAsync(service, right));
        Assert.Equal(1, await service.SettledMetricAsync("lowlatency_requests_total"));
    }

    [Fact]
    public async Task A_certificate_of_a_client_that_cannot_be_read_is_refused_and_counted()
    {
        string openssl = External.Require("openssl", "openssl");
        using X509Certificate2 malformed = Issuer.Issue("client", malformed: true);
        Authority.Write(malformed, Folder.File("client.pem"), Folder.File("client-key.pem"));
        await File.WriteAllTextAsync(Folder.File("ca.pem"), Issuer.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(("ClientCertificates", "Required"), ("ClientCa", Folder.File("ca.pem")));

        (_, string output) = await External.ShellAsync(
            $"echo hola | {openssl} s_client -cert {Folder.File("client.pem")} -key {Folder.File("client-key.pem")} -connect 127.0.0.1:{service.Port("Tcp")}");

        Assert.DoesNotContain("respuesta", output, StringComparison.Ordinal);
        await service.AssertMetricAsync(1, Errors, Failed);
        await AssertSaidNothingAsync(service);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Garbage_behind_the_handshake_is_counted_once(SslProtocols protocol)
    {
        await using ServiceProcess service = await StartAsync();
        using ServiceClient connection = await service.ConnectAsync();
        await using SslStream client = await ConnectAsync(connection, protocol);
        Assert.Equal("respuesta", await AskAsync(client));

        // A record as it should be, around what nobody has encrypted.
        await connection.SendAsync("\x17\x03\x03\0\x20" + new string('z', 32));
        await connection.ReceiveToTheEndAsync();

        Assert.Equal(1, await service.SettledMetricAsync("lowlatency_requests_total"));
        Assert.Equal(1, await service.MetricAsync(Errors));
        await AssertSaidNothingAsync(service);
    }

    [Theory]
    [InlineData("transport")]
    [InlineData("slow_reader")]
    public async Task A_peer_that_does_not_take_its_replies_is_counted_once_whether_it_resets_or_stays(string expected)
    {
        bool resets = expected == "transport";
        await using ServiceProcess service = await StartAsync(
            "--LowLatency:Framing=Line", $"--LowLatency:Response={new string('r', 50_000)}", $"--LowLatency:Limits:ReplyTimeout={(resets ? "01:00:00" : "00:00:01")}");
        using ServiceClient connection = await service.ConnectAsync();
        SslStream client = await ConnectAsync(connection, SslProtocols.None);
        await client.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("hola\n", 400))), TestContext.Current.CancellationToken);

        // Replies come, and far more of them than the kernel keeps for somebody who does not read.
        await Deadline.UntilAsync("replies", () => Task.FromResult(connection.Socket.Available), available => available > 0);
        if (resets)
        {
            connection.Socket.Close(timeout: 0);
        }

        await service.AssertMetricAsync(1, Errors, $"error_type=\"{expected}\"");
        Assert.Equal(1, await service.SettledMetricAsync(Errors));
        await AssertSaidNothingAsync(service);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_certificate_of_a_client_does_not_send_the_service_anywhere(bool withAuthority)
    {
        using var address = new TcpListener(IPAddress.Loopback, 0);
        address.Start();
        using var stranger = new Authority("stranger");
        using X509Certificate2 certificate = stranger.Issue("client", issuerAt: $"http://{address.LocalEndpoint}/issuer.cer");
        await File.WriteAllTextAsync(Folder.File("ca.pem"), Issuer.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(("ClientCertificates", "Required"), ("ClientCa", withAuthority ? Folder.File("ca.pem") : ""));

        Assert.Empty(await TryAskAsync(service, certificate));

        await service.AssertMetricAsync(1, Errors, Failed);
        Assert.False(address.Pending());
    }

    [Fact]
    public async Task A_replaced_certificate_is_in_the_next_handshake_and_drops_nobody_and_a_broken_one_changes_nothing()
    {
        await using ServiceProcess service = await StartAsync();
        await using SslStream before = await ConnectAsync(service);
        Assert.Equal("CN=service", before.RemoteCertificate!.Subject);

        await File.WriteAllTextAsync(Folder.File("key.pem"), "broken", TestContext.Current.CancellationToken);
        await Deadline.UntilAsync("warning", () => SubjectAsync(service), _ => service.Lines.Any(line => line.Contains("the one from before stays", StringComparison.Ordinal)));
        Assert.Equal("CN=service", await SubjectAsync(service));

        using X509Certificate2 next = Issuer.Issue("next");
        Authority.Write(next, Folder.File("certificate.pem"), Folder.File("key.pem"));
        await Deadline.UntilAsync("replacement", () => SubjectAsync(service), subject => subject == "CN=next");
        Assert.Equal("respuesta", await AskAsync(before));
    }

    [Fact]
    public async Task A_thousand_stalled_handshakes_time_out_while_others_are_served()
    {
        const int Stalled = 1000;
        await using ServiceProcess service = await StartAsync("--LowLatency:Limits:HandshakeTimeout=00:00:10");
        var stalled = new List<ServiceClient>();
        for (int client = 0; client < Stalled; client++)
        {
            stalled.Add(await service.ConnectAsync());
            await stalled[^1].SendAsync("\x16\x03");
        }

        await using SslStream served = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(served));
        await service.AssertMetricAsync(Stalled, Errors, "error_type=\"handshake_timeout\"");
        Assert.Equal("respuesta", await AskAsync(served));
        stalled.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long_is_told_of_at_Debug()
    {
        await using ServiceProcess service = await StartAsync("--LowLatency:Limits:HandshakeTimeout=00:00:01", "--Serilog:MinimumLevel:Default=Debug");
        using ServiceClient stalled = await service.ConnectAsync();
        await Deadline.UntilAsync(
            "line",
            () => Task.FromResult(service.Lines),
            lines => lines.Any(line => line.Contains(" DBG ", StringComparison.Ordinal) && line.Contains("it took too long", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Certificate", "/nowhere/certificate.pem", "LowLatency:Endpoints:Tcp:Tls:Certificate: cannot be used: ")]
    [InlineData("Key", "", "LowLatency:Endpoints:Tcp:Tls:Certificate: cannot be used: ")]
    [InlineData("ClientCa", "/nowhere/ca.pem", "LowLatency:Endpoints:Tcp:Tls:ClientCa: ")]
    [InlineData("Protocols", "Tls11", "LowLatency:Endpoints:Tcp:Tls:Protocols: 'Tls11' is not allowed; allowed: Tls12, Tls13")]
    [InlineData("Certificates", "a.pem", "LowLatency:Endpoints:Tcp:Tls:Certificates: no such key; allowed: ")]
    public async Task A_mistake_is_a_clear_line(string key, string value, string problem)
    {
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(["--check-config", .. SettingsWithFiles((key, value))]);
        Assert.Equal(2, exitCode);
        Assert.StartsWith(problem, lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.StartsWith("   at ", StringComparison.Ordinal));
    }

    private async Task<string> TryAskAsync(ServiceProcess service, X509Certificate2? certificate)
    {
        try
        {
            await using SslStream client = await ConnectAsync(service, certificate: certificate);
            return await AskAsync(client);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return "";
        }
    }

    private async Task<string> SubjectAsync(ServiceProcess service)
    {
        await using SslStream client = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(client));
        return client.RemoteCertificate!.Subject;
    }

    // A peer's fault is a count. What Kestrel says of a connection comes behind its end, and so is looked for behind the service's.
    private static async Task AssertSaidNothingAsync(ServiceProcess service)
    {
        await service.SignalAsync("TERM");
        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
    }
}

public sealed class BusyPollTlsTests() : TlsTests("BusyPoll");

public sealed class SocketsTlsTests() : TlsTests("Sockets");
