using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.Live;

/// <summary>What a person in front of a terminal sees.</summary>
public sealed partial class TerminalTests : IDisposable
{
    private readonly TestServer _server = TestServer.Answering("respuesta"u8.ToArray());
    private readonly string _json = Path.GetTempFileName();

    [Fact]
    public void A_run_shows_a_panel_while_it_lasts_and_the_report_takes_its_place()
    {
        using var session = TerminalSession.Start(_server.Url, "-d", "6s", "--warmup", "0", "--timeout", "30s", "--idle", "block", "--sidecar", "none");

        string live = session.WatchUntil(screen => screen.Contains("p99.9", StringComparison.Ordinal) && Percentiles().IsMatch(screen));
        Assert.Contains($"{_server.Url}, ping-pong", live, StringComparison.Ordinal);
        Assert.Matches(@"rate +[\d,]+ requests/s", live);
        Assert.Matches("errors +0", live);
        Assert.Matches("done +[1-9]", live);
        Assert.Matches("time left +[0-6] s", live);
        Assert.False(session.Screen.ShowsCursor);

        Assert.Equal(ExitCode.Fine, session.WatchToTheEnd());
        Assert.DoesNotContain("time left", session.Screen.Text, StringComparison.Ordinal);
        Assert.StartsWith(_server.Url, session.Screen.Text, StringComparison.Ordinal);
        Assert.Matches("throughput +.* requests/s", session.Screen.Text);
        Assert.True(session.Screen.ShowsCursor);
    }

    [Fact]
    public void Control_C_ends_a_run_early_with_a_report_of_what_there_is()
    {
        using var session = TerminalSession.Start(_server.Url, "-d", "10m", "--warmup", "0", "--idle", "block", "--sidecar", "none", "--json", _json);
        session.WatchUntil(screen => Percentiles().IsMatch(screen));

        session.PressControlC();

        Assert.Equal(ExitCode.Interrupted, session.WatchToTheEnd());
        Assert.DoesNotContain("time left", session.Screen.Text, StringComparison.Ordinal);
        Assert.Contains("interrupted: these are the figures so far", session.Screen.Text, StringComparison.Ordinal);
        Assert.True(session.Screen.ShowsCursor);
        JsonNode run = JsonNode.Parse(File.ReadAllText(_json))!["runs"]![0]!;
        Assert.True((bool)run["interrupted"]!);
        Assert.True((long)run["outcomes"]!["ok"]! > 0);
    }

    [Fact]
    public void A_sweep_shows_which_step_it_is_at_and_ends_early_with_a_table()
    {
        // Far more steps than are watched, so that a machine that is slow to show them does not reach the last one.
        using var sweep = TerminalSession.Start("sweep", _server.Url, "--rates", "500:15000:500", "-d", "3s", "--warmup", "0", "--idle", "block", "--sidecar", "none", "--json", _json);
        sweep.WatchUntil(screen => screen.Contains("1/30: ", StringComparison.Ordinal) && screen.Contains(" of 500 requests/s", StringComparison.Ordinal));
        sweep.WatchUntil(screen => screen.Contains("/30: ", StringComparison.Ordinal) && !screen.Contains("1/30: ", StringComparison.Ordinal));

        sweep.PressControlC();

        Assert.Equal(ExitCode.Interrupted, sweep.WatchToTheEnd());
        Assert.StartsWith("rate", sweep.Screen.Text.TrimStart(), StringComparison.Ordinal);
        int runs = JsonNode.Parse(File.ReadAllText(_json))!["runs"]!.AsArray().Count;
        Assert.InRange(runs, 2, 29);
        Assert.Contains(FormattableString.Invariant($"rate {runs * 500:N0}: interrupted"), sweep.Screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_not_there_is_one_line_and_no_remains_of_a_panel()
    {
        using var session = TerminalSession.Start(TestServer.UrlOfNobody(), "--sidecar", "none");

        Assert.Equal(ExitCode.CouldNotRun, session.WatchToTheEnd());
        Assert.StartsWith("loadtest: ", session.Screen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', session.Screen.Text);
        Assert.True(session.Screen.ShowsCursor);
    }

    public void Dispose()
    {
        _server.Dispose();
        File.Delete(_json);
    }

    [GeneratedRegex(@"p50 +[\d.]+ [num]s\b[^p]*p99 +[\d.]+ [num]s\b")]
    private static partial Regex Percentiles();
}
