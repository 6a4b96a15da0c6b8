using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Tests.SavedReports;

public class SavedReportTests
{
    private const string Run = """
        { "target": "tcp://127.0.0.1:1", "mode": "ping-pong", "outcomes": { "attempted": 2, "ok": 1 }, "latency_us": { "p50": 7.5, "p99": null } }
        """;

    [Fact]
    public void What_a_file_does_not_have_is_empty()
    {
        Assert.True(SavedReport.TryParse($$"""{ "schema": "lowlatency.loadtest/1", "runs": [{{Run}}] }""", out SavedReport? report, out _));

        SavedRun run = Assert.Single(report.Runs);
        Assert.Equal(7.5, run.LatencyMicroseconds["p50"]);
        Assert.Null(run.LatencyMicroseconds["p99"]);
        Assert.Equal(1, run.Failed);
        Assert.True(run.Valid);
        Assert.Null(run.Histogram);
        Assert.Empty(run.Intervals);
        Assert.Empty(run.ListedHiccups);
        Assert.Empty(report.Environment);
    }

    [Theory]
    [InlineData("", "not a report")]
    [InlineData("{", "not a report")]
    [InlineData("null", "no schema")]
    [InlineData("[]", "not a report")]
    [InlineData("{}", "no schema")]
    [InlineData("""{ "schema": "other/1", "runs": [] }""", "'other/1'")]
    [InlineData("""{ "schema": "lowlatency.loadtest/2", "runs": [] }""", "lowlatency.loadtest/1")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1", "runs": [] }""", "no runs")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1", "runs": null }""", "no runs")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1" }""", "no runs")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1", "runs": [null] }""", "no content")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1", "runs": [{}] }""", "no target")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1", "runs": [{ "target": "x" }] }""", "no mode")]
    [InlineData("""{ "schema": "lowlatency.loadtest/1", "runs": [{ "target": 5 }] }""", "not a report")]
    public void What_is_no_report_is_one_line_that_says_why(string json, string why)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, json);

            var report = Invocation.Of("report", file, "--html", "/dev/null");

            Assert.Equal(ExitCode.Usage, report.ExitCode);
            Assert.Contains(file, report.OnlyErrorLine, StringComparison.Ordinal);
            Assert.Contains(why, report.OnlyErrorLine, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_the_tester_writes_it_reads_again()
    {
        using var server = Servers.TestServer.Answering("respuesta"u8.ToArray());
        string json = Invocation.Of(server.Url, "-n", "300", "--warmup", "0", "--label", "again", "--json", "-", "--quiet").Output;

        Assert.True(SavedReport.TryParse(json, out SavedReport? report, out string? error), error);

        SavedRun run = Assert.Single(report.Runs);
        Assert.Equal(("again", server.Url, "ping-pong"), (run.Label, run.Target, run.Mode));
        Assert.Equal(300, run.Histogram!.Buckets.Sum(bucket => bucket.Count));
        Assert.Equal(300, run.Intervals.Sum(interval => interval.Histogram!.Buckets.Sum(bucket => bucket.Count)));
        Assert.NotNull(run.LatencyMicroseconds["p50"]);
        Assert.Equal((4, 9), (run.Workload.RequestBytes, run.Workload.ReplyBytes));
        Assert.NotEmpty(report.Environment);
    }

    [Theory]
    [InlineData("[[5,4,1]]")]
    [InlineData("[[5,6,0]]")]
    [InlineData("[[5,6,1],[6,7,1]]")]
    [InlineData("[[5,6,9223372036854775807],[7,8,1]]")]
    [InlineData("[[5,6]]")]
    [InlineData("[[5,6,1,1]]")]
    [InlineData("[[5.5,6,1]]")]
    [InlineData("\"x\"")]
    public void A_histogram_that_is_none_is_one_line_too(string histogram)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $$"""{ "schema": "lowlatency.loadtest/1", "runs": [{{Run.TrimEnd()[..^1]}}, "histogram_ns": {{histogram}} }] }""");

            var report = Invocation.Of("report", file, "--html", "/dev/null");

            Assert.Equal(ExitCode.Usage, report.ExitCode);
            Assert.StartsWith("loadtest: ", report.OnlyErrorLine, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
