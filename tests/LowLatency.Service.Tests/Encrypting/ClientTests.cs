using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using LowLatency.Transports.Tls;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>The client library and the service over TLS: whom each of them takes for the other.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Authority _authority = new("authority");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ClientTlsOptions Trust
    {
        get
        {
            File.WriteAllText(_folder.File("ca.pem"), _authority.Certificate.ExportCertificatePem());
            return new ClientTlsOptions { TrustedAuthorities = ClientTlsOptions.ReadAuthorities(_folder.File("ca.pem")) };
        }
    }

    [Fact]
    public async Task A_service_whose_certificate_is_signed_by_whom_the_client_trusts_answers_in_every_way()
    {
        await using ServiceProcess service = await StartAsync();
        await using (LowLatencyClient client = await ConnectAsync(service, Trust))
        {
            byte[] reply = new byte[100];
            Assert.Equal(9, client.Ask("hola"u8, reply));
            Assert.Equal(9, await client.AskAsync("hola"u8.ToArray(), reply, Cancellation));
            RequestBatch batch = client.CreateBatch();
            for (int request = 0; request < 1000; request++)
            {
                batch.Add("hola"u8);
            }

            client.AskMany(batch);
            await client.AskManyAsync(batch, Cancellation);
            Assert.True(batch.Reply(999).SequenceEqual("respuesta"u8));
        }

        Assert.Equal(2002, await service.SettledMetricAsync("lowlatency_requests_total"));
        Assert.Equal(0, await service.MetricAsync("lowlatency_errors_total"));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_or_for_another_name_is_refused_with_the_reason()
    {
        using var stranger = new Authority("stranger");
        await using ServiceProcess service = await StartAsync();

        Assert.Contains("the certificate of CN=service is refused: it leads to ", await RefusalAsync(service, new ClientTlsOptions { TrustedAuthorities = [stranger.Certificate] }), StringComparison.Ordinal);
        Assert.Contains("the certificate of CN=service is refused: it leads to ", await RefusalAsync(service, null), StringComparison.Ordinal);
        Assert.EndsWith("it is for 127.0.0.1 and not for example.org", await RefusalAsync(service, Trust with { TargetHost = "example.org" }), StringComparison.Ordinal);
        Assert.EndsWith("it is for 127.0.0.1 and not for localhost", await RefusalAsync(service, Trust, "localhost"), StringComparison.Ordinal);
        Assert.Equal(0, await service.SettledMetricAsync("lowlatency_requests_total"));
    }

    [Fact]
    public async Task The_name_can_be_another_than_the_URLs_and_the_whole_question_left_out()
    {
        await using ServiceProcess service = await StartAsync();
        await AssertAnswersAsync(service, Trust with { TargetHost = "127.0.0.1" }, "localhost");
        await AssertAnswersAsync(service, new ClientTlsOptions { DangerouslyAcceptAnyCertificate = true }, "localhost");
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_with_its_time()
    {
        await using ServiceProcess service = await StartAsync(_authority.Issue("service", expired: true));
        Assert.Contains("out of date (its own time is ", await RefusalAsync(service, Trust), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_is_a_failed_handshake()
    {
        string openssl = External.Require("openssl", "openssl");
        using X509Certificate2 malformed = _authority.Issue("service", malformed: true);
        Authority.Write(malformed, _folder.File("certificate.pem"), _folder.File("key.pem"));

        // .NET does not show such a certificate.
        using var server = Process.Start(new ProcessStartInfo(
            openssl, ["s_server", "-accept", "127.0.0.1:0", "-cert", _folder.File("certificate.pem"), "-key", _folder.File("key.pem")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            string? line;
            do
            {
                line = await server.StandardOutput.ReadLineAsync(Cancellation).AsTask().WaitAsync(Deadline.Default, Cancellation);
            }
            while (line is not null && !line.StartsWith("ACCEPT ", StringComparison.Ordinal));

            string port = line![(line!.LastIndexOf(':') + 1)..];
            Assert.Contains("handshake of TLS failed: ", await RefusalAsync($"tls://127.0.0.1:{port}", Trust), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task Clear_text_at_the_other_end_is_a_failed_handshake()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        Assert.Contains("handshake of TLS failed: ", await RefusalAsync(service, Trust), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_service_wants_certificates_a_client_that_has_one_is_answered_and_one_that_has_none_is_told_that_it_was_closed()
    {
        using X509Certificate2 own = _authority.Issue("client");
        ClientTlsOptions trust = Trust;
        await using ServiceProcess service = await StartAsync(
            "--LowLatency:Endpoints:Tcp:Tls:ClientCertificates=Required", $"--LowLatency:Endpoints:Tcp:Tls:ClientCa={_folder.File("ca.pem")}");

        await AssertAnswersAsync(service, trust with { ClientCertificate = own });

        // By TLS 1.3 a client is ready before the service has looked at its certificate: it may learn of it in its first request only.
        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AssertAnswersAsync(service, trust));
        Assert.Contains(error.Failure, new[] { ClientFailure.HandshakeFailed, ClientFailure.ClosedByPeer, ClientFailure.Reset });
        await service.AssertMetricAsync(1, "lowlatency_errors_total", "error_type=\"tls_handshake\"");
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_the_callers_mistake()
    {
        using X509Certificate2 own = _authority.Issue("client");
        using var publicPart = X509CertificateLoader.LoadCertificate(own.RawData);
        await using ServiceProcess service = await StartAsync();
        await Assert.ThrowsAsync<System.Security.Cryptography.CryptographicException>(() => ConnectAsync(service, Trust with { ClientCertificate = publicPart }).AsTask());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private Task<ServiceProcess> StartAsync(params string[] settings) => StartAsync(_authority.Issue("service"), settings);

    private Task<ServiceProcess> StartAsync(X509Certificate2 certificate, params string[] settings)
    {
        using (certificate)
        {
            Authority.Write(certificate, _folder.File("certificate.pem"), _folder.File("key.pem"));
        }

        return ServiceProcess.StartAsync(
            [
                "--LowLatency:Framing=Line",
                $"--LowLatency:Endpoints:Tcp:Tls:Certificate={_folder.File("certificate.pem")}",
                $"--LowLatency:Endpoints:Tcp:Tls:Key={_folder.File("key.pem")}",
                .. settings,
            ]);
    }

    private static ValueTask<LowLatencyClient> ConnectAsync(ServiceProcess service, ClientTlsOptions? tls, string host = "127.0.0.1")
        => ConnectAsync($"tls://{host}:{service.Port("Tcp")}", tls);

    private static ValueTask<LowLatencyClient> ConnectAsync(string url, ClientTlsOptions? tls)
        => LowLatencyClient.ConnectAsync(
            url,
            new LowLatencyClientOptions { Tls = tls, Framing = MessageFraming.Line, ConnectTimeout = Deadline.Default, AskTimeout = Deadline.Default },
            Cancellation);

    private static async Task AssertAnswersAsync(ServiceProcess service, ClientTlsOptions tls, string host = "127.0.0.1")
    {
        await using LowLatencyClient client = await ConnectAsync(service, tls, host);
        byte[] reply = new byte[100];
        Assert.Equal(9, await client.AskAsync("hola"u8.ToArray(), reply, Cancellation));
    }

    private static Task<string> RefusalAsync(ServiceProcess service, ClientTlsOptions? tls, string host = "127.0.0.1")
        => RefusalAsync($"tls://{host}:{service.Port("Tcp")}", tls);

    private static async Task<string> RefusalAsync(string url, ClientTlsOptions? tls)
    {
        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => ConnectAsync(url, tls).AsTask());
        Assert.Equal(ClientFailure.HandshakeFailed, error.Failure);
        Assert.StartsWith("tls://", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }
}
