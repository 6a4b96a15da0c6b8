using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Baselines;

/// <summary>The CPU time of a server over the measured phase of a run.</summary>
/// <remarks>
/// A thread of its own sees the warm-up end, a little late; it sleeps between its looks and is gone while it counts. With the
/// kernel's ticks of 10 ms that makes about one per cent of a second.
/// </remarks>
internal sealed class ServerCpuClock
{
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(2);

    private readonly ServerProcess _server;
    private readonly Thread _thread;
    private TimeSpan _startedAt;
    private TimeSpan _stoppedAt;
    private volatile bool _stopping;

    private ServerCpuClock(ServerProcess server, WorkloadRun run)
    {
        _server = server;
        _thread = new Thread(() => WaitForMeasuredPhase(run)) { IsBackground = true, Name = "server cpu clock" };
    }

    public static ServerCpuClock Start(ServerProcess server, WorkloadRun run)
    {
        var clock = new ServerCpuClock(server, run);
        clock._thread.Start();
        return clock;
    }

    /// <summary>What the server took between the two.</summary>
    public TimeSpan Elapsed => _stoppedAt - _startedAt;

    public void Stop()
    {
        _stoppedAt = _server.CpuTime;
        _stopping = true;
        _thread.Join();
    }

    private void WaitForMeasuredPhase(WorkloadRun run)
    {
        while (run.Progress.IsWarmUp && !_stopping)
        {
            Thread.Sleep(PauseBetweenLooks);
        }

        _startedAt = _server.CpuTime;
    }
}
