using System.Diagnostics;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>A clock that costs what a real one does, and else stands still.</summary>
internal sealed class FakeClock : TimeProvider
{
    /// <summary>What each look costs, in ticks.</summary>
    public const long Cost = 20;

    public long Now { get; set; } = 1_000_000;

    public override long TimestampFrequency => Stopwatch.Frequency;

    public override long GetTimestamp() => Now += Cost;
}
