using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Measures one workload after the other for the verbs that need several, with progress for whoever watches.</summary>
internal sealed class WorkloadRunner(Terminal terminal, bool isQuiet, CancellationToken interrupted)
{
    private readonly ProgressLine _progress = new(terminal.ShowsProgress && !isQuiet ? terminal.Error : TextWriter.Null);

    public bool IsInterrupted => interrupted.IsCancellationRequested;

    /// <param name="workload">What to measure.</param>
    /// <param name="name">Which one of several it is.</param>
    /// <exception cref="TargetUnreachableException">Nobody is there.</exception>
    public RunResult Run(Workload workload, string name)
    {
        using var run = new WorkloadRun(workload);
        try
        {
            return run.Execute(progress => _progress.Show(progress, $"{name}: "), interrupted);
        }
        finally
        {
            _progress.Clear();
        }
    }

    /// <summary>Shows what goes on where there is no run.</summary>
    public void Show(string text) => _progress.Show(text);

    public void Clear() => _progress.Clear();
}
