using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.CommandLine;

/// <summary>What the server says of each of several runs, with the real service.</summary>
public sealed class SeriesServerSideTests(RealService service) : IClassFixture<RealService>
{
    [Fact]
    public void Every_step_of_a_sweep_has_what_the_server_has_counted()
    {
        var sweep = Invocation.Of("sweep", service.Tcp, "-c", "1:3:1", "-n", "200", "--warmup", "20ms", "--sidecar", service.Sidecar, "--json", "-", "--quiet");

        JsonArray runs = JsonNode.Parse(sweep.Output)!["runs"]!.AsArray();
        Assert.Equal(3, runs.Count);
        Assert.All(runs, run => Assert.Null((string?)run!["server"]!["warning"]));
        Assert.All(runs, run => Assert.Equal((long)run!["server"]!["expected_least"]!, (long)run["server"]!["requests"]!));
    }

    [Fact]
    public void A_step_of_a_sweep_that_somebody_else_answered_is_a_warning_below_the_table()
    {
        using var other = TestServer.Answering("respuesta"u8.ToArray());

        var sweep = Invocation.Of("sweep", other.Url, "-c", "1:2:1", "-n", "50", "--warmup", "0", "--sidecar", service.Sidecar, "--quiet");

        Assert.Equal((ExitCode.Fine, ""), (sweep.ExitCode, sweep.Error));
        Assert.Contains("connections 1: warning: the server counted 0 requests, the tester 50 good replies", sweep.Output, StringComparison.Ordinal);
        Assert.Contains("connections 2: warning: the server counted 0 requests", sweep.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_step_of_a_search_has_it_and_warns_where_it_happens()
    {
        using var other = TestServer.Answering("respuesta"u8.ToArray());

        var search = Invocation.Of(
            "search", other.Url, "--threshold", "max<1ns", "--from", "1", "-d", "100ms", "--warmup", "0", "--idle", "block", "--sidecar", service.Sidecar, "--quiet");

        Assert.Equal(ExitCode.ThresholdMissed, search.ExitCode);
        Assert.Contains("warning: the server counted 0 requests", search.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_sides_of_a_comparison_have_it_in_every_round()
    {
        var compare = Invocation.Of("compare", "--a", service.Tcp, "--b", service.Unix, "--rounds", "2", "-n", "200", "--warmup", "0", "--sidecar", service.Sidecar, "--json", "-", "--quiet");

        JsonNode document = JsonNode.Parse(compare.Output)!;
        Assert.Equal([200, 200], Counted(document, "server_a"));
        Assert.Equal([200, 200], Counted(document, "server_b"));
        Assert.DoesNotContain("warning", compare.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_side_that_somebody_else_answered_is_one_warning_for_all_of_its_rounds()
    {
        using var other = TestServer.Answering("respuesta"u8.ToArray());

        var compare = Invocation.Of("compare", "--a", service.Tcp, "--b", other.Url, "--rounds", "2", "-n", "200", "--warmup", "0", "--sidecar", service.Sidecar, "--quiet");

        Assert.Contains("loadtest: warning, in 2 of 4 runs: the server counted 0 requests, the tester 200 good replies", compare.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_side_may_have_a_sidecar_of_its_own_or_none()
    {
        using var other = TestServer.Answering("respuesta"u8.ToArray());

        var compare = Invocation.Of(
            "compare", "--a", service.Tcp, "--b", other.Url, "--rounds", "1", "-n", "200", "--warmup", "0", "--sidecar", service.Sidecar, "--sidecar-b", "none", "--json", "-", "--quiet");

        JsonNode document = JsonNode.Parse(compare.Output)!;
        Assert.Equal([200], Counted(document, "server_a"));
        Assert.Null(Assert.Single(document["server_b"]!.AsArray()));
    }

    [Fact]
    public void A_service_that_is_started_for_a_run_is_asked_too()
    {
        var compare = Invocation.Of("compare", "--a", RealService.Program, "--b", RealService.Program, "--rounds", "1", "-n", "200", "--warmup", "0", "--json", "-", "--quiet");

        Assert.Equal([200], Counted(JsonNode.Parse(compare.Output)!, "server_b"));
    }

    private static IEnumerable<long> Counted(JsonNode document, string side) => document[side]!.AsArray().Select(server => (long)server!["requests"]!);
}
