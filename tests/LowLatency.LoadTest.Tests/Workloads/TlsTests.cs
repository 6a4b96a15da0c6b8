using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;
using LowLatency.Transports.Tls;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>Every kind of load over TLS, against the service itself.</summary>
public sealed class TlsTests(EncryptedService service) : IClassFixture<EncryptedService>
{
    private const string Lines = "--framing line --warmup 0s --timeout 20s --json - --quiet";

    public static TheoryData<string> Loads =>
    [
        "--mode ping-pong -n 300 -c 3",
        "--mode per-connection -n 60 -c 2",
        "--mode open-loop -R 200 -n 60 -c 4",
        "--mode pipelined --pipeline 200 -n 20000 -c 2",
    ];

    [Theory]
    [MemberData(nameof(Loads))]
    public void Every_load_is_answered_over_TLS_by_a_tester_that_spins(string load) => AssertIsAnswered(load, "spin");

    [Theory]
    [MemberData(nameof(Loads))]
    public void Every_load_is_answered_over_TLS_by_a_tester_that_sleeps(string load) => AssertIsAnswered(load, "block");

    private void AssertIsAnswered(string load, string idle)
    {
        Invocation run = Run($"{service.Url} {load} --idle {idle} --ca {service.Ca} --sidecar {service.Sidecar}");

        // An open loop that the machine kept from its schedule says so, which is no matter of TLS.
        Assert.True(run.ExitCode is ExitCode.Fine or ExitCode.Invalid, run.Error);
        Assert.Equal((long)run.Run["outcomes"]!["attempted"]!, run.Count("ok") + run.Count("dropped"));
        Assert.True(run.Count("ok") > 0);
        Assert.Equal("tcp", (string)run.Run["server"]!["transport"]!);
        Assert.True((bool)run.Run["server"]!["agrees"]!, run.Run["server"]!.ToJsonString());
    }

    [Fact]
    public void Connections_of_their_own_tell_the_handshake_as_part_of_the_connect()
    {
        JsonNode run = Run($"{service.Url} --mode per-connection -n 30 --ca {service.Ca}").Run;

        // A whole handshake is two round trips and some signatures; a connect over loopback alone is far from it.
        Assert.True((double)run["connect_us"]!["mean"]! > (double)run["first_byte_us"]!["min"]!);
        Assert.Equal(30, (long)run["outcomes"]!["ok"]!);
    }

    [Fact]
    public void The_report_says_whom_the_target_had_to_be()
    {
        JsonNode tls = Run($"{service.UrlByName} -n 10 --ca {service.Ca} --server-name 127.0.0.1").Run["workload"]!["tls"]!;
        Assert.Equal(("127.0.0.1", true, false), ((string)tls["server_name"]!, (bool)tls["verified"]!, (bool)tls["client_certificate"]!));

        tls = Run($"{service.UrlByName} -n 10 --insecure").Run["workload"]!["tls"]!;
        Assert.Equal(("localhost", false, false), ((string)tls["server_name"]!, (bool)tls["verified"]!, (bool)tls["client_certificate"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--mode per-connection")]
    public void A_certificate_that_is_not_trusted_is_one_line_with_the_reason(string mode)
    {
        Invocation stranger = Run($"{service.Url} -n 10 {mode}");
        Assert.Equal(ExitCode.CouldNotRun, stranger.ExitCode);
        Assert.Contains("the certificate of CN=service is refused: it leads to ", stranger.OnlyErrorLine, StringComparison.Ordinal);

        Invocation wrongName = Run($"{service.UrlByName} -n 10 {mode} --ca {service.Ca}");
        Assert.Equal(ExitCode.CouldNotRun, wrongName.ExitCode);
        Assert.Contains("it is for 127.0.0.1 and not for localhost", wrongName.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_that_wants_certificates_serves_those_who_have_one()
    {
        using var guarded = EncryptedService.OfKnownClients();

        Invocation known = Run($"{guarded.Url} -n 10 --ca {guarded.Ca} --cert {guarded.Certificate} --key {guarded.Key}");
        Assert.Equal((ExitCode.Fine, 10), (known.ExitCode, known.Count("ok")));
        Assert.True((bool)known.Run["workload"]!["tls"]!["client_certificate"]!);
        Assert.Equal(ExitCode.CouldNotRun, Run($"{guarded.Url} -n 10 --ca {guarded.Ca}").ExitCode);
    }

    [Fact]
    public void A_target_that_takes_the_hello_and_says_nothing_is_given_up_at_the_timeout()
    {
        using var silent = new TestServer(connection => connection.KeepSilent());
        var run = Invocation.Of(silent.Url.Replace("tcp", "tls", StringComparison.Ordinal), "-n", "1", "--timeout", "100ms", "--insecure");
        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Contains("cannot be reached", run.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_and_a_sweep_and_a_comparison_go_over_TLS_as_well()
    {
        string common = $"--framing line --warmup 0s --timeout 20s --quiet --ca {service.Ca}";
        Assert.Equal(ExitCode.Fine, Invocation.Of($"sweep {service.Url} --connections 1:2:1 -n 50 {common}".Split(' ')).ExitCode);
        Assert.Equal(ExitCode.Fine, Invocation.Of($"compare --a {service.Url} --b {service.Url} --rounds 2 -n 50 {common}".Split(' ')).ExitCode);
        Assert.True(Invocation.Of($"search {service.Url} --threshold rate>0 --from 100 --most 200 -d 200ms --confirm 200ms {common}".Split(' ')).ExitCode is ExitCode.Fine or ExitCode.ThresholdMissed);
    }

    [Fact]
    public void The_sockets_of_every_system_carry_TLS_too()
    {
        Assert.True(EndpointUrl.TryParse(service.Url, out EndpointUrl? url, out _));
        var workload = new Workload
        {
            Target = url,
            Framing = Framing.Line,
            Requests = 100,
            Connections = 2,
            Timeout = TimeSpan.FromSeconds(20),
            Tls = new ClientTlsOptions { TrustedAuthorities = ClientTlsOptions.ReadAuthorities(service.Ca) },
        };
        foreach (IdleStrategy idle in Enum.GetValues<IdleStrategy>())
        {
            using var run = new WorkloadRun(workload with { Idle = idle }, new TlsSockets(new PortableSockets()));
            Assert.Equal(100, run.Execute(_ => { }, CancellationToken.None).Outcomes[Outcome.Ok]);
        }
    }

    private static Invocation Run(string arguments) => Invocation.Of($"{arguments} {Lines}".Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
