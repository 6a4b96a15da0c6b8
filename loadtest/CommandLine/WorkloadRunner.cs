using LowLatency.LoadTest.Live;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Thresholds;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Makes a run with all that belongs to one: who watches sees how it goes on, the server is asked for its side, thresholds are judged.</summary>
/// <remarks>Every verb makes its runs here, so that a step of a sweep is as good as a run of its own.</remarks>
internal sealed class WorkloadRunner(Terminal terminal, bool isQuiet, IReadOnlyList<Threshold> thresholds, CancellationToken interrupted)
{
    /// <param name="workload">What to measure.</param>
    /// <param name="sidecar">Whom to ask for the server's side; <c>null</c> for nobody.</param>
    /// <param name="name">Which one of several it is; <c>null</c> for the only one.</param>
    /// <exception cref="TargetUnreachableException">Nobody is there.</exception>
    /// <exception cref="SidecarUnreachableException">The user named a sidecar that says nothing.</exception>
    public RunResult Run(Workload workload, Sidecar? sidecar, string? name = null)
    {
        using var server = new ServerSideMeter(sidecar, workload);
        using var run = new WorkloadRun(workload);
        RunResult result = LiveView.Watch(terminal, isQuiet, workload, name, watch => run.Execute(watch, interrupted));
        return result with
        {
            Server = server.Compare(result),
            Verdicts = [.. thresholds.Select(threshold => threshold.Judge(result))],
        };
    }
}
