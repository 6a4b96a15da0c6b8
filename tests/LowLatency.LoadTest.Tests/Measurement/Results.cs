using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Measurement;

/// <summary>Results that no run had to be made for.</summary>
internal static class Results
{
    public static Workload Workload(string target = "tcp://127.0.0.1:8080")
        => EndpointUrl.TryParse(target, out EndpointUrl? url, out string? error) ? new Workload { Target = url } : throw new ArgumentException(error, nameof(target));

    /// <summary>A second of good replies with these latencies, and some failures.</summary>
    public static RunResult Of(IEnumerable<long> nanoseconds, int timeouts = 0, Workload? workload = null)
    {
        var tally = new Tally(WorkloadMode.PingPong);
        foreach (long latency in nanoseconds)
        {
            tally.Counts.Begin();
            tally.Succeeded(0, latency * System.Diagnostics.Stopwatch.Frequency / 1_000_000_000);
        }

        for (int timeout = 0; timeout < timeouts; timeout++)
        {
            tally.Counts.Begin();
            tally.Failed(Outcome.Timeout, LowLatency.Linux.Errno.None, 0);
        }

        return new RunResult(workload ?? Workload(), TimeSpan.FromSeconds(1), 1, tally, WasInterrupted: false);
    }
}
