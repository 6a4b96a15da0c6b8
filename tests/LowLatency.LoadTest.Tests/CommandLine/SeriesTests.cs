using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.CommandLine;

/// <summary>The verbs that make several runs, with the real service.</summary>
public sealed class SeriesTests(RealService service) : IClassFixture<RealService>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-series-");

    [Fact]
    public void A_sweep_over_rates_is_an_open_loop_at_each()
    {
        string json = File("sweep.json");

        var sweep = Invocation.Of("sweep", service.Tcp, "--rates", "200:800:x2", "-d", "300ms", "--warmup", "0", "--idle", "block", "--json", json, "--html", File("sweep.html"), "--quiet");

        Assert.Equal((ExitCode.Fine, ""), (sweep.ExitCode, sweep.Error));
        JsonArray runs = JsonNode.Parse(System.IO.File.ReadAllText(json))!["runs"]!.AsArray();
        Assert.Equal([200, 400, 800], runs.Select(run => (double)run!["workload"]!["rate"]!));
        Assert.All(runs, run => Assert.Equal("open-loop", (string)run!["mode"]!));
        Assert.All(runs, run => Assert.True((long)run!["outcomes"]!["ok"]! > 0));
        Assert.StartsWith("rate", sweep.Output, StringComparison.Ordinal);
        Assert.Contains("Latency against load", System.IO.File.ReadAllText(File("sweep.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_over_connections_is_a_closed_loop_over_each_number()
    {
        var sweep = Invocation.Of("sweep", service.Unix, "-c", "1:3:1", "-n", "500", "--warmup", "0", "--json", "-", "--quiet");

        JsonArray runs = JsonNode.Parse(sweep.Output)!["runs"]!.AsArray();
        Assert.Equal([1, 2, 3], runs.Select(run => (int)run!["connections"]!["established"]!));
        Assert.All(runs, run => Assert.Equal("ping-pong", (string)run!["mode"]!));
    }

    [Fact]
    public void A_search_finds_what_it_may_and_says_when_the_limit_is_above()
    {
        var search = Invocation.Of(
            "search", service.Tcp, "--threshold", "errors==0", "--threshold", "requests_per_second>1", "--from", "100", "--most", "200",
            "-d", "200ms", "--warmup", "0", "--idle", "block", "--json", File("search.json"), "--quiet");

        // A machine that is busy may not keep even this schedule: then it says so, and that is no rate at all.
        Assert.Contains(search.ExitCode, (int[])[ExitCode.Fine, ExitCode.ThresholdMissed]);
        if (search.ExitCode == ExitCode.Fine)
        {
            Assert.Contains("errors==0 and requests_per_second>1 holds at", search.Output, StringComparison.Ordinal);
        }

        Assert.NotEmpty(JsonNode.Parse(System.IO.File.ReadAllText(File("search.json")))!["runs"]!.AsArray());
    }

    [Fact]
    public void A_search_for_what_no_rate_holds_ends_at_the_least_with_99()
    {
        var search = Invocation.Of(
            "search", service.Tcp, "--threshold", "max<1ns", "--from", "4", "-d", "100ms", "--warmup", "0", "--idle", "block", "--quiet");

        Assert.Equal(ExitCode.ThresholdMissed, search.ExitCode);
        Assert.Contains("max<1ns does not hold at any rate, down to 1/s", search.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains("missed: max<1ns", search.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_runs_both_sides_by_turns_and_says_when_its_rounds_are_too_few()
    {
        var compare = Invocation.Of("compare", "--a", service.Tcp, "--b", service.Unix, "--rounds", "2", "-n", "500", "--warmup", "0", "--json", File("compare.json"), "--quiet");

        Assert.Equal(ExitCode.Fine, compare.ExitCode);
        Assert.Contains("no difference shown", compare.Output, StringComparison.Ordinal);
        Assert.Contains("--rounds", compare.OnlyErrorLine, StringComparison.Ordinal);
        JsonNode document = JsonNode.Parse(System.IO.File.ReadAllText(File("compare.json")))!;
        Assert.Equal("lowlatency.compare/1", (string)document["schema"]!);
        Assert.Equal(2, document["metrics"]![0]!["a"]!.AsArray().Count);
    }

    [Fact]
    public void A_comparison_starts_services_by_their_settings()
    {
        var compare = Invocation.Of(
            "compare", "--a", RealService.Program, "--b", $"{RealService.Program} Metrics:Enabled=false Polling:WaitStrategy=Blocking", "--transport", "unix",
            "--rounds", "1", "-n", "500", "--warmup", "0", "--quiet");

        Assert.Equal(ExitCode.Fine, compare.ExitCode);
        Assert.Contains($"A  {RealService.Program}, 1 run", compare.Output, StringComparison.Ordinal);
        Assert.Contains("Metrics:Enabled=false Polling:WaitStrategy=Blocking, 1 run", compare.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_reports_of_the_same_runs_show_no_difference()
    {
        string json = File("runs.json");
        Invocation.Of("sweep", service.Unix, "-c", "1:6:1", "-n", "500", "--warmup", "0", "--json", json, "--quiet");

        var compare = Invocation.Of("compare", json, json);

        Assert.Equal(ExitCode.Fine, compare.ExitCode);
        Assert.EndsWith("no difference shown", compare.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("different loads", compare.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_makes_its_own_page()
    {
        var run = Invocation.Of(service.Unix, "-n", "500", "--warmup", "0", "--html", File("run.html"), "--quiet");

        Assert.Equal(ExitCode.Fine, run.ExitCode);
        string page = System.IO.File.ReadAllText(File("run.html"));
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("Latency over time", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_there_is_told_by_every_verb()
    {
        string nobody = TestServer.UrlOfNobody();

        foreach (string arguments in (string[])[$"sweep {nobody} -c 1:2:1", $"search {nobody} --threshold errors==0", $"compare --a {nobody} --b {nobody}"])
        {
            var invocation = Invocation.Of([.. arguments.Split(' '), "--timeout", "200ms", "--quiet"]);
            Assert.Equal(ExitCode.CouldNotRun, invocation.ExitCode);
            Assert.Contains(nobody, invocation.OnlyErrorLine, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sweep", "--rates", "1:64:x2")]
    [InlineData("sweep -c 5", "--rates", "1:64:x2")]
    [InlineData("sweep --rates 1:2", "--rates", "from:to:step")]
    [InlineData("sweep --rates 5:1:1", "--rates", "from:to:step")]
    [InlineData("sweep --rates 1:5:1 -c 1:5:1", "--connections", "one number")]
    [InlineData("sweep --rates 1:5:1 --html /nowhere/at/all.html", "--html", "a file that can")]
    [InlineData("search", "--threshold", "p99<100us")]
    [InlineData("search --threshold p99<100", "--threshold", "")]
    [InlineData("search --threshold errors==0 --from 10 --most 5", "--from", "--most")]
    [InlineData("search --threshold p99.9<1ms --from 1k", "--from: 1,000", "at least 10,000, or a longer -d: p99.9<1ms wants 10,000 requests in 1 s")]
    [InlineData("search --threshold p99.9<1ms --most 1k -d 2s", "--most: 1,000", "at least 5,000")]
    [InlineData("search --threshold errors==0 --threshold service_p99<1ms --from 100 -d 500ms", "--from: 100", "at least 2,000")]
    [InlineData("search --threshold errors==0 --precision 0", "--precision", "a number")]
    [InlineData("search --threshold errors==0 --confirm soon", "--confirm", "500ms")]
    [InlineData("compare", "compare", "--a and --b")]
    [InlineData("compare one.json", "compare", "two files")]
    [InlineData("compare --a tcp://127.0.0.1:1", "compare", "--a and --b")]
    [InlineData("compare --a nonsense --b tcp://127.0.0.1:1", "--a", "an endpoint URL")]
    [InlineData("compare /nowhere/a.json /nowhere/b.json", "/nowhere/a.json", "--json")]
    [InlineData("compare --a tcp://127.0.0.1:1 --b tcp://127.0.0.1:1 --rounds 0", "--rounds", "from 1")]
    [InlineData("compare --a tcp://127.0.0.1:1 --b tcp://127.0.0.1:1 --rounds 101", "--rounds", "1 to 100")]
    [InlineData("compare --a tcp://127.0.0.1:1 --b tcp://127.0.0.1:1 --threshold-percent -1", "--threshold-percent", "0 to 100")]
    [InlineData("sweep -c 1:2:1 --sidecar 127.0.0.1:9464", "--sidecar", "http://127.0.0.1:9464")]
    [InlineData("compare --a tcp://127.0.0.1:1 --b tcp://127.0.0.1:1 --sidecar-b ftp://127.0.0.1", "--sidecar-b", "none")]
    [InlineData("compare --a tcp://127.0.0.1:1 --b tcp://127.0.0.1:1 --transport smoke", "--transport", "tcp, unix, shm")]
    public void A_mistake_is_one_line_that_names_it_and_what_is_allowed(string arguments, string named, string allowed)
    {
        var invocation = Invocation.Of(arguments.Split(' '));

        Assert.Equal(ExitCode.Usage, invocation.ExitCode);
        Assert.Contains(named, invocation.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains(allowed, invocation.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Empty(invocation.Output);
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
