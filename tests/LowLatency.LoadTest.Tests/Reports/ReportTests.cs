using System.Text.Json.Nodes;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.Reports;

public class ReportTests
{
    private static readonly string[] Latency = ["min", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "p99_999", "max"];

    [Fact]
    public void The_JSON_has_the_names_of_the_schema()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        JsonNode document = JsonNode.Parse(Invocation.Of(server.Url, "-n", "30", "--warmup", "0", "--label", "a b", "--json", "-").Output)!;

        Assert.Equal("lowlatency.loadtest/1", (string)document["schema"]!);
        JsonNode run = document["runs"]![0]!;
        Assert.Equal(server.Url, (string)run["target"]!);
        Assert.Equal("ping-pong", (string)run["mode"]!);
        Assert.Equal("a b", (string)run["label"]!);
        Assert.Equal(["requested", "established"], Names(run["connections"]));
        Assert.Equal(
            ["attempted", "ok", "connect_error", "write_error", "read_error", "timeout", "eof", "bad_reply", "aborted", "dropped"],
            Names(run["outcomes"]));
        Assert.Equal(Latency, Names(run["latency_us"]));
        Assert.Equal(Latency, Names(run["service_us"]));
        Assert.Equal(Latency, Names(run["hiccup_us"]));
        Assert.True((bool)run["valid"]!);
        Assert.Empty(run["invalid_reasons"]!.AsArray());
        Assert.Equal((4, 9), ((int)run["workload"]!["request_bytes"]!, (int)run["workload"]!["reply_bytes"]!));
        Assert.Equal(30, run["histogram_ns"]!.AsArray().Sum(bucket => (int)bucket![2]!));
        Assert.Equal(30, run["intervals"]!.AsArray().Sum(interval => (int)interval!["ok"]!));
        Assert.Equal(30, run["intervals"]!.AsArray().Sum(interval => interval!["histogram_ns"]!.AsArray().Sum(bucket => (int)bucket![2]!)));
        Assert.True((double)run["duration_s"]! > 0);
        Assert.InRange((double)run["under_1ms"]!, 0, 1);
        Assert.True((double)run["requests_per_second"]! > 0);
        Assert.Equal(
            [
                "cpu_model", "cpu_count", "architecture", "governor", "smt", "cpu_quota", "affinity", "os", "kernel", "clock_source", "clock_cost_ns",
                "runtime", "gc_mode", "tiered_pgo", "command_line", "date", "version", "commit",
            ],
            Names(document["environment"]));
        Assert.EndsWith("--label \"a b\" --json -", (string)document["environment"]!["command_line"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_percentile_that_the_sample_cannot_carry_is_null()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        JsonNode latency = Invocation.Of(server.Url, "-n", "100", "--warmup", "0", "--json", "-").Run["latency_us"]!;

        Assert.NotNull(latency["p90"]);
        Assert.Null(latency["p99"]);
        Assert.Null(latency["p99_9"]);
        Assert.True(latency.AsObject().ContainsKey("p99"));
    }

    [Fact]
    public void The_text_gives_the_figures_and_a_dash_where_there_is_none()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        string[] lines = Invocation.Of(server.Url, "-n", "100", "--warmup", "0").Output.Split('\n', StringSplitOptions.TrimEntries);

        Assert.Equal(server.Url, lines[0]);
        Assert.StartsWith("ping-pong, 1 connection, 1 thread", lines[1], StringComparison.Ordinal);
        foreach (string figure in new[] { "average", "minimum", "maximum", "under 1 ms", "throughput", "p50", "p90" })
        {
            Assert.Contains(lines, line => line.StartsWith(figure, StringComparison.Ordinal) && line.Any(char.IsDigit));
        }

        Assert.Contains(lines, line => line.StartsWith("p99.99", StringComparison.Ordinal) && line.EndsWith('-'));
        Assert.Contains(lines, line => line.StartsWith("ok", StringComparison.Ordinal) && line.EndsWith("100", StringComparison.Ordinal));
    }

    [Fact]
    public void The_text_names_failures_and_their_first_reason_and_has_no_colours_when_piped()
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Reset();
        });

        string text = Invocation.Of(server.Url, "-n", "5", "--warmup", "0").Output;

        Assert.Matches(@"read error +5 +\(first: Connection reset by peer\)", text);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void A_file_gets_the_JSON_and_standard_output_the_text()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());
        string file = Path.GetTempFileName();
        File.WriteAllText(file, new string('x', 100_000));

        var run = Invocation.Of(server.Url, "-n", "10", "--warmup", "0", "--json", file);

        JsonNode document = JsonNode.Parse(File.ReadAllText(file))!;
        File.Delete(file);
        Assert.Equal(10, (int)document["runs"]![0]!["outcomes"]!["ok"]!);
        Assert.StartsWith(server.Url, run.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonNode? node) => node!.AsObject().Select(property => property.Key);
}
