using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Baselines;

/// <summary>Connections that have been answered once, so that the server knows them, and are silent since.</summary>
internal sealed class IdleConnections : IDisposable
{
    // Fewer than a listener's backlog: what does not fit there is tried again by the kernel only after a second.
    private const int AtOnce = 500;

    // A process has other files open as well.
    private const int OtherFiles = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<WorkloadRun> _runs = [];

    private IdleConnections()
    {
    }

    /// <summary>Why so many connections cannot be had here; <c>null</c> when they can.</summary>
    /// <remarks>The runtime raises its soft limit to the hard one as it starts, and children inherit it.</remarks>
    public static string? WhyNot(int connections)
    {
        long limit = OpenFileLimit.Current;
        return connections + OtherFiles > limit
            ? FormattableString.Invariant($"{connections:N0} connections need more than the {limit:N0} open files that the hard limit allows a process (ulimit -Hn)")
            : null;
    }

    /// <summary>Opens them, one handful after the other.</summary>
    /// <exception cref="IOException">Not all of them were answered.</exception>
    public static IdleConnections Open(Workload like, int connections, CancellationToken interrupted)
    {
        var opened = new IdleConnections();
        try
        {
            for (int left = connections; left > 0 && !interrupted.IsCancellationRequested; left -= AtOnce)
            {
                opened.OpenMore(like, Math.Min(left, AtOnce), interrupted);
            }

            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private void OpenMore(Workload like, int connections, CancellationToken interrupted)
    {
        // As many requests as connections: each connection makes one, and stays open until the run is disposed.
        var run = new WorkloadRun(like with { Connections = connections, Requests = connections, Duration = null, WarmUp = TimeSpan.Zero, Timeout = Patience });
        _runs.Add(run);
        RunResult result = run.Execute(_ => { }, interrupted);
        if (result.Outcomes[Outcome.Ok] < connections && !interrupted.IsCancellationRequested)
        {
            throw new IOException($"{like.Target}: only {result.Outcomes[Outcome.Ok]} of {connections} idle connections were answered");
        }
    }

    public void Dispose()
    {
        foreach (WorkloadRun run in _runs)
        {
            run.Dispose();
        }
    }
}
