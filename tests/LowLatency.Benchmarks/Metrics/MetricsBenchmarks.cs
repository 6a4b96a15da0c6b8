using System.Diagnostics;
using BenchmarkDotNet.Attributes;

namespace LowLatency.Benchmarks.Metrics;

/// <summary>What metrics add to a request: two looks at the clock and one record. The bar: 100 ns for all of it, and no allocation.</summary>
[MemoryDiagnoser]
public class MetricsBenchmarks
{
    private ServiceMetrics _metrics = null!;
    private long _started;
    private long _flushed;

    [GlobalSetup]
    public void SetUp()
    {
        _metrics = new ServiceMetrics();
        _started = Stopwatch.GetTimestamp();
        _flushed = _started + (Stopwatch.Frequency / 1_000_000);
    }

    [GlobalCleanup]
    public void CleanUp() => _metrics.Dispose();

    [Benchmark]
    public void RecordWithBothTimestamps()
    {
        long started = Stopwatch.GetTimestamp();
        _metrics.Tcp.RecordDurations(1, started, Stopwatch.GetTimestamp());
        _metrics.Tcp.CountRequests(1);
    }

    [Benchmark]
    public void RecordAlone() => _metrics.Tcp.RecordDurations(1, _started, _flushed);

    [Benchmark]
    public long OneTimestamp() => Stopwatch.GetTimestamp();
}
