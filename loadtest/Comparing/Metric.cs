using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Comparing;

/// <summary>A figure that every run has one of, and which way it is better.</summary>
/// <param name="Name">As the reports call it.</param>
/// <param name="IsLatency">In microseconds, and less is better; else requests a second, and more is better.</param>
/// <param name="Of">The figure of a run; <c>null</c> where its sample cannot carry it.</param>
internal sealed record Metric(string Name, bool IsLatency, Func<SavedRun, double?> Of)
{
    private const string OpenLoop = "open-loop";

    // A maximum is one request, and the deepest percentiles few: their runs scatter too much to be compared by tens.
    private static readonly Metric[] Latencies =
    [
        Latency("p50", "p50"), Latency("p90", "p90"), Latency("p99", "p99"), Latency("p99.9", "p99_9"),
    ];

    private static readonly Metric Throughput = new("requests/s", IsLatency: false, run => run.RequestsPerSecond);

    /// <summary>What can be compared of all these runs.</summary>
    public static IReadOnlyList<Metric> CarriedBy(IReadOnlyCollection<SavedRun> runs)
    {
        // The rate of an open loop is the schedule's, not the service's.
        Metric[] candidates = runs.Any(run => run.Mode == OpenLoop) ? Latencies : [.. Latencies, Throughput];
        return runs.Count == 0 ? [] : [.. candidates.Where(metric => runs.All(run => metric.Of(run) > 0))];
    }

    private static Metric Latency(string name, string key)
        => new(name, IsLatency: true, run => run.LatencyMicroseconds.GetValueOrDefault(key));
}
