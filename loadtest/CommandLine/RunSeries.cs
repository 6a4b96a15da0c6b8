using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Runs one after the other. Whatever ends the series early, those that were made are kept.</summary>
internal sealed class RunSeries(WorkloadRunner runner)
{
    private readonly List<RunResult> _results = [];

    /// <summary>The runs so far; the last one may have been interrupted.</summary>
    public IReadOnlyList<RunResult> Results => _results;

    /// <summary>Why there are no more; <c>null</c> where nothing has failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>Makes one more run.</summary>
    /// <param name="workload">What to measure.</param>
    /// <param name="sidecar">Whom to ask for the server's side.</param>
    /// <param name="name">Which one it is.</param>
    /// <returns>The run; <c>null</c> when it could not be made, or was interrupted: then the series is over.</returns>
    /// <exception cref="IOException">Not even the first run could be made.</exception>
    public RunResult? TryRun(Workload workload, Sidecar? sidecar, string name)
    {
        try
        {
            RunResult result = runner.Run(workload, sidecar, name);
            _results.Add(result);
            return result.WasInterrupted ? null : result;
        }
        catch (IOException e) when (_results.Count > 0)
        {
            Failure = e.Message;
            return null;
        }
    }
}
