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
public abstract class TlsTests(string transport) : IDisposable
{
    private const string Errors = "lowlatency_errors_total";
    private const string Failed = "error_type=\"tls_handshake\"";

    private readonly TemporaryFolder _folder = new();
    private readonly Authority _authority = new("authority");

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
        using X509Certificate2 certificate = _authority.Issue("service");
        await File.WriteAllBytesAsync(_folder.File("service.p12"), certificate.Export(X509ContentType.Pkcs12, "secret"), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await ServiceProcess.StartAsync(Settings(("Certificate", _folder.File("service.p12")), ("Password", "secret")));
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
        using X509Certificate2 right = _authority.Issue("client");
        using X509Certificate2 expired = _authority.Issue("client", expired: true);
        using X509Certificate2 wrong = stranger.Issue("client");
        await File.WriteAllTextAsync(_folder.File("ca.pem"), _authority.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(("ClientCertificates", "Required"), ("ClientCa", _folder.File("ca.pem")));

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
        using X509Certificate2 malformed = _authority.Issue("client", malformed: true);
        Authority.Write(malformed, _folder.File("client.pem"), _folder.File("client-key.pem"));
        await File.WriteAllTextAsync(_folder.File("ca.pem"), _authority.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(("ClientCertificates", "Required"), ("ClientCa", _folder.File("ca.pem")));

        (_, string output) = await External.ShellAsync(
            $"echo hola | {openssl} s_client -cert {_folder.File("client.pem")} -key {_folder.File("client-key.pem")} -connect 127.0.0.1:{service.Port("Tcp")}");

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
        for (int request = 0; request < 400; request++)
        {
            await client.WriteAsync("hola\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }

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
        await File.WriteAllTextAsync(_folder.File("ca.pem"), _authority.Certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using ServiceProcess service = await StartAsync(("ClientCertificates", "Required"), ("ClientCa", withAuthority ? _folder.File("ca.pem") : ""));

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

        await File.WriteAllTextAsync(_folder.File("key.pem"), "broken", TestContext.Current.CancellationToken);
        await Deadline.UntilAsync("warning", () => SubjectAsync(service), _ => service.Lines.Any(line => line.Contains("the one from before stays", StringComparison.Ordinal)));
        Assert.Equal("CN=service", await SubjectAsync(service));

        using X509Certificate2 next = _authority.Issue("next");
        Authority.Write(next, _folder.File("certificate.pem"), _folder.File("key.pem"));
        await Deadline.UntilAsync("replacement", () => SubjectAsync(service), subject => subject == "CN=next");
        Assert.Equal("respuesta", await AskAsync(before));
    }

    [Fact]
    public async Task A_thousand_stalled_handshakes_time_out_while_others_are_served()
    {
        const int Stalled = 1000;
        await using ServiceProcess service = await StartAsync("--LowLatency:Limits:HandshakeTimeout=00:00:03");
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
    public async Task A_stop_ends_idle_connections_and_handshakes_cleanly()
    {
        await using ServiceProcess service = await StartAsync("--LowLatency:Limits:ShutdownTimeout=01:00:00", "--LowLatency:Limits:HandshakeTimeout=01:00:00");
        using ServiceClient stalled = await service.ConnectAsync();
        await using SslStream client = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(client));
        await service.SignalAsync("TERM");
        Assert.Equal(0, await client.ReadAsync(new byte[10], TestContext.Current.CancellationToken));
        await client.DisposeAsync();
        Assert.Empty(await stalled.ReceiveToTheEndAsync());
        Assert.Equal(0, await service.WaitForExitAsync());
    }

    [Fact]
    public async Task A_handshake_that_a_stop_meets_comes_to_its_end_and_then_the_connection_does()
    {
        await using ServiceProcess service = await StartAsync();
        using ServiceClient accepted = await service.ConnectAsync();
        await using SslStream behind = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(behind));
        await service.SignalAsync("STOP");
        Task<SslStream> connecting = ConnectAsync(accepted, SslProtocols.None);
        await service.SignalAsync("TERM");
        await service.SignalAsync("CONT");
        await using SslStream client = await connecting;
        Assert.Empty(await ReadToEndAsync(client));
        Assert.Empty(await ReadToEndAsync(behind));
        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
    }

    [Fact]
    public async Task The_last_thing_that_is_said_is_a_goodbye()
    {
        const int Alert = 21;
        await using ServiceProcess service = await StartAsync();
        using ServiceClient connected = await service.ConnectAsync();

        // By that version the type of every record can be seen from outside.
        var records = new RecordedStream(connected.Socket);
        await using SslStream client = await ConnectAsync(records, SslProtocols.Tls12);
        Assert.Equal("respuesta", await AskAsync(client));
        Assert.NotEqual(Alert, records.LastType);
        await service.SignalAsync("TERM");
        Assert.Empty(await ReadToEndAsync(client));
        Assert.Equal(Alert, records.LastType);
        await client.DisposeAsync();
        Assert.Equal(0, await service.WaitForExitAsync());
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

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<ServiceProcess> StartAsync(params (string Key, string Value)[] settings) => ServiceProcess.StartAsync(SettingsWithFiles(settings));

    private Task<ServiceProcess> StartAsync(params string[] settings) => ServiceProcess.StartAsync([.. SettingsWithFiles(), .. settings]);

    private protected Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(SettingsWithFiles());

    private string[] SettingsWithFiles(params (string Key, string Value)[] settings)
    {
        using X509Certificate2 certificate = _authority.Issue("service");
        Authority.Write(certificate, _folder.File("certificate.pem"), _folder.File("key.pem"));
        return Settings([("Certificate", _folder.File("certificate.pem")), ("Key", _folder.File("key.pem")), .. settings]);
    }

    private string[] Settings(params (string Key, string Value)[] settings)
        => [.. settings.Select(setting => $"--LowLatency:Endpoints:Tcp:Tls:{setting.Key}={setting.Value}"), .. ServiceProgram.Transport(transport, "Tcp")];

    private protected async Task<SslStream> ConnectAsync(ServiceProcess service, SslProtocols protocols = SslProtocols.None, X509Certificate2? certificate = null)
        => await ConnectAsync(await service.ConnectAsync(), protocols, certificate);

    private Task<SslStream> ConnectAsync(ServiceClient client, SslProtocols protocols, X509Certificate2? certificate = null)
        => ConnectAsync(new NetworkStream(client.Socket, ownsSocket: true), protocols, certificate);

    private async Task<SslStream> ConnectAsync(Stream encrypted, SslProtocols protocols, X509Certificate2? certificate = null)
    {
        var stream = new SslStream(encrypted);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_authority.Certificate);
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

/// <summary>Keeps what it has received, which is records of TLS.</summary>
internal sealed class RecordedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private const int HeaderBytes = 5;

    private readonly List<byte> _received = [];

    /// <summary>The type of the record that was received last.</summary>
    internal int LastType
    {
        get
        {
            int type = -1;
            for (int at = 0; at + HeaderBytes <= _received.Count; at += HeaderBytes + (_received[at + 3] << 8) + _received[at + 4])
            {
                type = _received[at];
            }

            return type;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await base.ReadAsync(buffer, cancellationToken);
        _received.AddRange(buffer.Span[..count]);
        return count;
    }
}

public sealed class BusyPollTlsTests() : TlsTests("BusyPoll")
{
    // With Kestrel's own transport it is what that has received by then, and nobody can have it look.
    [Fact]
    public async Task What_has_arrived_when_the_signal_comes_is_answered_before_the_end()
    {
        const int Clients = 50;
        await using ServiceProcess service = await StartAsync();
        var clients = new List<SslStream>();
        for (int client = 0; client < Clients; client++)
        {
            clients.Add(await ConnectAsync(service));
            if (client % 2 == 0)
            {
                Assert.Equal("respuesta", await AskAsync(clients[^1]));
            }
        }

        await service.SignalAsync("STOP");
        foreach (SslStream client in clients)
        {
            await client.WriteAsync("hola"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await service.SignalAsync("TERM");
        await service.SignalAsync("CONT");
        foreach (SslStream client in clients)
        {
            Assert.Equal("respuesta", await ReadToEndAsync(client));
        }

        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
    }
}

public sealed class SocketsTlsTests() : TlsTests("Sockets");
