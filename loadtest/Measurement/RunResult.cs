using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Measurement;

/// <summary>What a run came to.</summary>
/// <param name="Workload">What was asked for.</param>
/// <param name="Elapsed">From the first measured request's turn to the last one's end.</param>
/// <param name="Established">Connections that have been connected at least once.</param>
/// <param name="Figures">The figures of all threads.</param>
/// <param name="WasInterrupted">Whether somebody ended it early.</param>
internal sealed record RunResult(Workload Workload, TimeSpan Elapsed, int Established, Tally Figures, bool WasInterrupted)
{
    /// <summary>Good replies of each connection.</summary>
    public IReadOnlyList<long> RepliesByConnection { get; init; } = [];

    public OutcomeCounts Outcomes => Figures.Counts;

    public LatencyRecorder Latencies => Figures.Latencies;

    public double RequestsPerSecond => Elapsed > TimeSpan.Zero ? Outcomes[Outcome.Ok] / Elapsed.TotalSeconds : 0;

    /// <summary>The share of good replies that took less than a millisecond; <c>null</c> when there was none.</summary>
    public double? UnderOneMillisecond
        => Latencies.Count > 0 ? (double)Latencies.UnderOneMillisecond / Latencies.Count : null;
}
