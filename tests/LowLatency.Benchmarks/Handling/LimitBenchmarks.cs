using BenchmarkDotNet.Attributes;
using LowLatency.Internal;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Benchmarks.Handling;

/// <summary>What the limits cost a request: the two marks that a session leaves for the sweep over the deadlines.</summary>
/// <remarks>No timer and no clock per request; the limits on sizes are one comparison each, within <see cref="FramingBenchmarks"/>.</remarks>
[MemoryDiagnoser]
public class LimitBenchmarks
{
    private readonly ConnectionActivity _activity = new(new DefaultConnectionContext(), metrics: null);

    [Benchmark]
    public void Request()
    {
        _activity.Progress++;
        _activity.Waiting = Waiting.ForMessage;
    }
}
