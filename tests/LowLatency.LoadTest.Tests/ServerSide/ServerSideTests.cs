using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Tests.Measurement;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.ServerSide;

/// <summary>What the server has counted beside what the tester has, with the real service as a process of its own.</summary>
public sealed class ServerSideTests : IClassFixture<RunningService>
{
    private static readonly Sidecar Asked = new(new Uri(Sidecar.Default), WasAskedFor: true);
    private static readonly Sidecar NotAsked = Asked with { WasAskedFor = false };

    private readonly RunningService _service;

    public ServerSideTests(RunningService service) => _service = service;

    [Theory]
    [InlineData("tcp", "ping-pong")]
    [InlineData("unix", "ping-pong")]
    [InlineData("tcp", "per-connection")]
    public void The_service_counts_as_many_requests_as_the_tester_with_its_warm_up(string transport, string mode)
    {
        var run = Invocation.Of(_service.Url(transport), "-n", "500", "--warmup", "50ms", "--mode", mode, "--sidecar", _service.Sidecar, "--json", "-");

        Assert.Equal(ExitCode.Fine, run.ExitCode);
        JsonNode server = run.Run["server"]!;
        Assert.Null(server["warning"]);
        Assert.True((bool)server["agrees"]!);
        Assert.Equal(transport, (string)server["transport"]!);
        Assert.True((long)server["requests"]! >= 500);
        Assert.Equal((long)server["expected_least"]!, (long)server["requests"]!);
        Assert.True((double)server["server_mean_us"]! > 0);
        Assert.True((double)server["elsewhere_mean_us"]! > 0);
    }

    [Fact]
    public void The_text_tells_what_the_server_counted_and_where_the_rest_of_the_time_went()
    {
        string text = Invocation.Of(_service.Url("tcp"), "-n", "500", "--warmup", "0", "--sidecar", _service.Sidecar).Output;
        Assert.Matches("server counted +500 requests with the warm-up, as the tester did", text);
        Assert.Matches("elsewhere +.* on average: the network stack and waiting", text);
    }

    [Fact]
    public void Replies_of_somebody_else_are_a_warning_and_no_failure()
    {
        using var other = TestServer.Answering("respuesta"u8.ToArray());

        var run = Invocation.Of(other.Url, "-n", "50", "--warmup", "0", "--sidecar", _service.Sidecar);

        Assert.Equal(ExitCode.Fine, run.ExitCode);
        Assert.Contains("warning: the server counted 0 requests, the tester 50 good replies", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_sidecar_that_is_not_there_ends_the_run_before_it_begins()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());
        string nobody = TestServer.UrlOfNobody().Replace("tcp://", "http://", StringComparison.Ordinal);

        var run = Invocation.Of(server.Url, "-n", "10", "--sidecar", nobody);

        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Contains("--sidecar", run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void Nobody_is_asked_who_is_not_to_be()
    {
        Assert.Null(Invocation.Of(_service.Url("tcp"), "-n", "10", "--warmup", "0", "--sidecar", "none", "--json", "-").Run["server"]);
    }

    [Theory]
    [InlineData("tcp://127.0.0.1:8080", true)]
    [InlineData("tcp://[::1]:8080", true)]
    [InlineData("unix:///tmp/a.sock", true)]
    [InlineData("tcp://192.0.2.1:8080", false)]
    public void By_itself_the_tester_asks_only_on_its_own_machine(string target, bool asks)
        => Assert.Equal(asks, Sidecar.DefaultFor(Results.Workload(target).Target) is not null);

    [Fact]
    public void A_sidecar_that_was_not_asked_for_and_has_counted_nothing_is_another_services()
        => Assert.Contains("another service's", Of(NotAsked, "tcp", new ServerCounters(5, 0, 0), Results.Of([1_000])).Warning, StringComparison.Ordinal);

    [Fact]
    public void Failures_may_have_been_answered_or_not()
    {
        RunResult result = Results.Of([1_000, 2_000], timeouts: 1);
        Assert.True(Of(Asked, "tcp", new ServerCounters(2, 2, 0), result).Agrees);
        Assert.True(Of(Asked, "tcp", new ServerCounters(3, 3, 0), result).Agrees);
        Assert.False(Of(Asked, "tcp", new ServerCounters(1, 1, 0), result).Agrees);
        Assert.False(Of(Asked, "tcp", new ServerCounters(4, 4, 0), result).Agrees);
    }

    [Fact]
    public void Over_shared_memory_the_counter_counts_and_the_histogram_is_a_sample()
    {
        ServerSideRecord record = Of(Asked, "shm", new ServerCounters(32, 2, 1e-6), Results.Of(Enumerable.Repeat(2_000L, 32)));
        Assert.True(record.Agrees);
        Assert.Equal((32, 2), (record.Requests, record.Timed));
        Assert.Equal(500, record.ServerMean!.Value, precision: 3);
        Assert.Equal(1_500, record.ElsewhereMean!.Value, precision: 3);
    }

    private static ServerSideRecord Of(Sidecar sidecar, string transport, ServerCounters counted, RunResult result)
        => ServerSideRecord.Of(sidecar, transport, counted, result);
}
