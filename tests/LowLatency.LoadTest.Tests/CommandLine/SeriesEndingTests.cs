using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.CommandLine;

/// <summary>Several runs that end early, by the user or because the target is gone: what was measured is reported.</summary>
public sealed class SeriesEndingTests : IDisposable
{
    private static readonly string[] Once = ["--sidecar", "none", "--timeout", "2s", "--quiet"];

    private readonly CancellationTokenSource _interrupted = new();

    [Fact]
    public void An_interrupt_ends_a_sweep_within_a_step_and_all_steps_so_far_are_reported()
    {
        using TestServer server = ServerThat(_interrupted.Cancel, atConnection: 3);

        var sweep = Invocation.Of(_interrupted.Token, ["sweep", server.Url, "-c", "1:9:1", "-n", "100", "--warmup", "0", "--json", "-", .. Once]);

        JsonArray runs = JsonNode.Parse(sweep.Output)!["runs"]!.AsArray();
        Assert.Equal(ExitCode.Interrupted, sweep.ExitCode);
        Assert.Equal([false, true], runs.Select(run => (bool)run!["interrupted"]!));
        Assert.Equal(100, (int)runs[0]!["outcomes"]!["ok"]!);
    }

    [Fact]
    public void A_table_marks_the_step_that_was_interrupted()
    {
        using TestServer server = ServerThat(_interrupted.Cancel, atConnection: 3);

        var sweep = Invocation.Of(_interrupted.Token, ["sweep", server.Url, "-c", "1:9:1", "-n", "100", "--warmup", "0", .. Once]);

        Assert.Contains("connections 2: interrupted", sweep.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_a_search_and_says_what_was_found_until_then()
    {
        using TestServer server = ServerThat(_interrupted.Cancel, atConnection: 2);

        var search = Invocation.Of(
            _interrupted.Token,
            ["search", server.Url, "--threshold", "ok>0", "--from", "1k", "-d", "100ms", "--warmup", "0", "--json", "-", .. Once]);

        JsonArray runs = JsonNode.Parse(search.Output)!["runs"]!.AsArray();
        Assert.Equal(ExitCode.Interrupted, search.ExitCode);
        Assert.True((bool)runs[^1]!["interrupted"]!);
        Assert.StartsWith("loadtest: interrupted; until then ", search.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_a_comparison_and_whole_rounds_are_compared()
    {
        // One connection for the warm-up, two for each round: this is the second run of the third round.
        using TestServer server = ServerThat(_interrupted.Cancel, atConnection: 7);

        var compare = Invocation.Of(
            _interrupted.Token,
            ["compare", "--a", server.Url, "--b", server.Url, "--rounds", "9", "-n", "100", "--warmup", "0", "--json", "-", .. Once]);

        JsonNode document = JsonNode.Parse(compare.Output)!;
        Assert.Equal(ExitCode.Interrupted, compare.ExitCode);
        Assert.True((bool)document["interrupted"]!);
        Assert.Equal(2, document["metrics"]![0]!["a"]!.AsArray().Count);
        Assert.Contains("loadtest: interrupted, after 2 of 9 rounds", compare.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_that_is_interrupted_in_its_first_round_is_a_report_without_figures()
    {
        using TestServer server = ServerThat(_interrupted.Cancel, atConnection: 2);

        var compare = Invocation.Of(
            _interrupted.Token,
            ["compare", "--a", server.Url, "--b", server.Url, "--rounds", "9", "-n", "100", "--warmup", "0", "--json", "-", .. Once]);

        Assert.Equal(ExitCode.Interrupted, compare.ExitCode);
        Assert.Empty(JsonNode.Parse(compare.Output)!["metrics"]!.AsArray());
        Assert.Equal("loadtest: interrupted, after 0 of 9 rounds", compare.OnlyErrorLine);
    }

    [Fact]
    public void A_target_that_goes_away_between_two_runs_does_not_take_the_first_along()
    {
        using var server = new TestServer(connection =>
        {
            connection.Server.StopListening();
            Answer(connection);
        });

        var sweep = Invocation.Of(["sweep", server.Url, "-c", "1:3:1", "-n", "100", "--warmup", "0", "--json", "-", .. Once]);

        Assert.Equal(ExitCode.CouldNotRun, sweep.ExitCode);
        Assert.Equal(100, (int)Assert.Single(JsonNode.Parse(sweep.Output)!["runs"]!.AsArray())!["outcomes"]!["ok"]!);
        Assert.StartsWith($"loadtest: after 1 of 3 runs: {server.Url} cannot be reached", sweep.OnlyErrorLine, StringComparison.Ordinal);
    }

    // Does something when the connection of that number makes its first request.
    private static TestServer ServerThat(Action acts, int atConnection)
    {
        int connections = 0;
        return new TestServer(connection =>
        {
            bool isTheOne = Interlocked.Increment(ref connections) == atConnection;
            if (isTheOne && connection.Receive())
            {
                acts();
                connection.Send("respuesta"u8.ToArray());
            }

            Answer(connection);
        });
    }

    private static void Answer(TestConnection connection)
    {
        while (connection.Receive())
        {
            connection.Send("respuesta"u8.ToArray());
        }
    }

    public void Dispose() => _interrupted.Dispose();
}
