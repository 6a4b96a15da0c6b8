using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>The tester over shared memory, in every mode.</summary>
public sealed class ShmTests : IDisposable
{
    private readonly ShmServer? _server;

    public ShmTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Shared memory needs Linux.");
        _server = new ShmServer("respuesta"u8.ToArray());
    }

    [Theory]
    [InlineData("ping-pong", "spin", 1)]
    [InlineData("ping-pong", "block", 1)]
    [InlineData("ping-pong", "spin", 20)]
    [InlineData("ping-pong", "block", 20)]
    [InlineData("per-connection", "spin", 1)]
    [InlineData("per-connection", "block", 3)]
    public void Every_request_is_answered_and_counted(string mode, string idle, int connections)
    {
        var run = Invocation.Of(
            _server!.Url, "-c", $"{connections}", "-n", "101", "--mode", mode, "--idle", idle, "--warmup", "0", "--timeout", "10s", "--json", "-");

        AccountingTests.AssertIdentity(run);
        Assert.Equal((101, 101), (run.Count("attempted"), run.Count("ok")));
        Assert.Equal(ExitCode.Fine, run.ExitCode);
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("block")]
    public void Another_reply_is_a_bad_one(string idle)
    {
        var run = Invocation.Of(
            _server!.Url, "-n", "10", "--expect", "respuest", "--idle", idle, "--warmup", "0", "--timeout", "10s", "--json", "-");

        AccountingTests.AssertIdentity(run);
        Assert.Equal(10, run.Count("bad_reply"));
    }

    [Fact]
    public void Nobody_there_is_one_line_that_says_how_to_start_the_service()
    {
        var run = Invocation.Of("shm:///tmp/nobody-is-there.sock", "-n", "10");
        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Contains("dotnet run -c Release --project src/LowLatency.Service", run.OnlyErrorLine, StringComparison.Ordinal);
    }

    public void Dispose() => _server?.Dispose();
}
