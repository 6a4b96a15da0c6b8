using System.CommandLine;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.CommandLine;

public class RunOptionsTests
{
    [Fact]
    public void Without_options_one_connection_runs_ping_pong_for_ten_seconds_after_one()
    {
        Workload workload = Parse();

        Assert.Equal("tcp://127.0.0.1:8080", workload.Target.Text);
        Assert.Equal(WorkloadMode.PingPong, workload.Mode);
        Assert.Equal((1, 1), (workload.Connections, workload.Threads));
        Assert.Equal(TimeSpan.FromSeconds(10), workload.Duration);
        Assert.Null(workload.Requests);
        Assert.Equal(TimeSpan.FromSeconds(1), workload.WarmUp);
        Assert.Equal(TimeSpan.FromSeconds(1), workload.Timeout);
        Assert.Equal(Framing.None, workload.Framing);
        Assert.Equal("hola"u8, workload.Request.Span);
        Assert.Equal("respuesta"u8, workload.Expect.Span);
        Assert.Equal(RunOptions.DefaultIdle, workload.Idle);
        Assert.Empty(workload.Cpus);
    }

    [Fact]
    public void Every_option_finds_its_way_into_the_workload()
    {
        Workload workload = Parse(
            "unix:///tmp/a.sock", "-c", "8", "-t", "2", "-d", "2s", "-n", "5k", "--mode", "Per-Connection", "--framing", "LINE",
            "--request", @"a\n", "--expect", "b", "--warmup", "0", "--timeout", "20ms", "--idle", "block", "--label", "night");

        Assert.Equal("unix", workload.Target.Scheme);
        Assert.Equal((8, 2), (workload.Connections, workload.Threads));
        Assert.Equal(TimeSpan.FromSeconds(2), workload.Duration);
        Assert.Equal(5_000, workload.Requests);
        Assert.Equal(WorkloadMode.PerConnection, workload.Mode);
        Assert.Equal(Framing.Line, workload.Framing);
        Assert.Equal("a\n"u8, workload.Request.Span);
        Assert.Equal("b"u8, workload.Expect.Span);
        Assert.Equal(TimeSpan.Zero, workload.WarmUp);
        Assert.Equal(TimeSpan.FromMilliseconds(20), workload.Timeout);
        Assert.Equal(IdleStrategy.Block, workload.Idle);
        Assert.Equal("night", workload.Label);
    }

    [Fact]
    public void An_open_loop_has_a_rate_and_arrivals_that_a_seed_decides()
    {
        Workload workload = Parse("--mode", "open-loop", "-R", "1.5k", "--arrivals", "poisson", "--seed", "-7");
        Assert.Equal((WorkloadMode.OpenLoop, 1_500.0, Arrivals.Poisson, -7), (workload.Mode, workload.Rate, workload.Arrivals, workload.Seed));
    }

    [Theory]
    [InlineData("tcp://127.0.0.1:1", "line")]
    [InlineData("unix:///tmp/a.sock", "lengthprefix")]
    [InlineData("shm:///tmp/a.sock", "none")]
    public void Where_replies_can_be_told_apart_requests_are_pipelined(string target, string framing)
        => Assert.Equal(4, Parse(target, "--mode", "pipelined", "--pipeline", "4", "--framing", framing).Pipeline);

    [Fact]
    public void A_number_of_requests_decides_alone_unless_a_duration_is_given_too()
        => Assert.Null(Parse("-n", "10").Duration);

    [Fact]
    public void A_list_of_CPUs_makes_a_thread_for_each()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads can be pinned on Linux only.");
        int cpu = LowLatency.Linux.CpuAffinity.Current[0];

        Workload workload = Parse("-c", "2", "--cpu", $"{cpu},{cpu}");

        Assert.Equal(2, workload.Threads);
        Assert.Equal([cpu, cpu], workload.Cpus);
    }

    private static Workload Parse(params string[] arguments)
    {
        var options = new RunOptions();
        var command = new Command("run");
        options.AddTo(command);
        return options.Read(command.Parse(arguments));
    }
}
