using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>Whatever a server does, every attempted request has one outcome, and only good ones have a latency.</summary>
public class AccountingTests
{
    /// <summary>A timeout that is waited for, and that no server needs which does answer.</summary>
    internal const string Prompt = "500ms";

    private static readonly byte[] Respuesta = "respuesta"u8.ToArray();

    public static TheoryData<string, string> ModesAndIdleStrategies => new()
    {
        { "ping-pong", "spin" }, { "ping-pong", "block" }, { "per-connection", "spin" }, { "per-connection", "block" },
        { "open-loop", "spin" }, { "open-loop", "block" }, { "pipelined", "spin" }, { "pipelined", "block" },
    };

    [Theory]
    [MemberData(nameof(ModesAndIdleStrategies))]
    public void The_expected_reply_is_ok(string mode, string idle)
    {
        using var server = TestServer.AnsweringLines([.. Respuesta, (byte)'\n']);

        Invocation run = Run(server.Url, 50, "--framing", "line", "--mode", mode, "--idle", idle);

        AssertAll(run, "ok", 50);

        // A busy machine makes the tester late, and then it says so.
        Assert.True(run.ExitCode == ExitCode.Fine || (mode == "open-loop" && run.ExitCode == ExitCode.Invalid));
        Assert.True((double)run.Run["latency_us"]!["min"]! > 0);
    }

    [Theory]
    [MemberData(nameof(ModesAndIdleStrategies))]
    public void Another_reply_is_a_bad_reply_and_the_run_fails(string mode, string idle)
    {
        using var server = TestServer.Answering("something"u8.ToArray());

        Invocation run = Run(server.Url, 20, "--mode", mode, "--idle", idle);

        AssertAll(run, "bad_reply", 20);
        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Contains("--expect", run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Null(run.Run["latency_us"]!["mean"]);
        Assert.Null(run.Run["under_1ms"]);
    }

    [Fact]
    public void A_surplus_byte_is_a_bad_reply()
    {
        using var server = TestServer.Answering("respuesta!"u8.ToArray());
        AssertAll(Run(server.Url, 20), "bad_reply", 20);
    }

    [Fact]
    public void Missing_bytes_before_the_end_are_a_bad_reply()
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Send("respu"u8.ToArray());
        });
        AssertAll(Run(server.Url, 20), "bad_reply", 20);
    }

    [Fact]
    public void Missing_bytes_and_silence_are_a_bad_reply()
    {
        using var server = TestServer.Answering("respu"u8.ToArray());
        AssertAll(Run(server.Url, 2, "--timeout", Prompt), "bad_reply", 2);
    }

    [Fact]
    public void Surplus_that_comes_before_the_next_reply_spoils_the_next_request()
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Send(Respuesta);
            connection.Receive();
            connection.SendInPieces([(byte)'!', .. Respuesta]);
            connection.KeepSilent();
        });

        Invocation run = Run(server.Url, 4);

        AssertIdentity(run);
        Assert.Equal((2, 2), (run.Count("ok"), run.Count("bad_reply")));
        Assert.Equal(ExitCode.Fine, run.ExitCode);
    }

    [Theory]
    [MemberData(nameof(ModesAndIdleStrategies))]
    public void A_connection_that_ends_instead_of_a_reply_is_eof(string mode, string idle)
    {
        using var server = new TestServer(connection => connection.Receive());
        AssertAll(Run(server.Url, 20, "--mode", mode, "--idle", idle), "eof", 20);
    }

    [Fact]
    public void A_reset_is_a_read_error()
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Reset();
        });
        AssertAll(Run(server.Url, 20), "read_error", 20);
    }

    [Theory]
    [MemberData(nameof(ModesAndIdleStrategies))]
    public void Silence_is_a_timeout(string mode, string idle)
    {
        using var server = new TestServer(connection => connection.KeepSilent());
        AssertAll(Run(server.Url, 3, "--timeout", "50ms", "--mode", mode, "--idle", idle), "timeout", 3);
    }

    [Fact]
    public void A_server_that_goes_away_leaves_connect_errors_and_an_exact_number_of_attempts()
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Server.StopListening();
            connection.Send(Respuesta);
        });

        Invocation run = Run(server.Url, 6);

        AssertIdentity(run);
        Assert.Equal(6, run.Count("attempted"));
        Assert.Equal((1, 4), (run.Count("ok"), run.Count("connect_error")));
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("block")]
    public void A_server_that_stays_away_ends_a_run_that_nothing_else_would_end(string idle)
    {
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Server.StopListening();
            connection.Send(Respuesta);
        });

        Invocation run = Run(server.Url, 1_000_000, "--timeout", Prompt, "--idle", idle);

        AssertIdentity(run);
        Assert.Equal(1, run.Count("ok"));
        Assert.InRange(run.Count("attempted"), 2, 999_999);
        Assert.InRange((double)run.Run["duration_s"]!, 0.1, 60);
        Assert.Contains("went away", run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
    }

    [Fact]
    public void A_request_that_an_interrupt_leaves_unanswered_is_aborted_and_the_report_stands()
    {
        using var interrupted = new CancellationTokenSource();
        using var server = new TestServer(connection =>
        {
            connection.Receive();
            connection.Send(Respuesta);
            connection.Receive();
            interrupted.Cancel();
            connection.KeepSilent();
        });

        var run = Invocation.Of(interrupted.Token, server.Url, "--warmup", "0", "--timeout", Prompt, "--json", "-");

        AssertIdentity(run);
        Assert.Equal((2, 1, 1), (run.Count("attempted"), run.Count("ok"), run.Count("aborted")));
        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        Assert.True((bool)run.Run["interrupted"]!);
    }

    [Theory]
    [InlineData("ping-pong")]
    [InlineData("per-connection")]
    public void A_closed_port_is_one_line_that_says_how_to_start_the_service(string mode)
    {
        string url = TestServer.UrlOfNobody();

        var run = Invocation.Of(url, "-n", "10", "--mode", mode);

        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Contains(url, run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains("dotnet run -c Release --project src/LowLatency.Service", run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    internal static void AssertIdentity(Invocation run)
    {
        JsonObject outcomes = run.Run["outcomes"]!.AsObject();
        long others = outcomes.Where(outcome => outcome.Key != "attempted").Sum(outcome => (long)outcome.Value!);
        Assert.Equal((long)outcomes["attempted"]!, others);
    }

    private static Invocation Run(string url, int requests, params string[] more)
    {
        // A busy machine must not turn anything into a timeout where none is meant.
        string[] patience = more.Contains("--timeout") ? [] : ["--timeout", "10s"];
        string[] mode = more.Contains("open-loop") ? ["-R", "1k"]
            : more.Contains("pipelined") && !more.Contains("--framing") ? ["--framing", "line"]
            : [];
        return Invocation.Of([url, "-n", $"{requests}", "--warmup", "0", "--json", "-", .. patience, .. mode, .. more]);
    }

    private static void AssertAll(Invocation run, string outcome, int count)
    {
        AssertIdentity(run);
        Assert.Equal(count, run.Count("attempted"));
        Assert.Equal(count, run.Count(outcome));
    }
}
