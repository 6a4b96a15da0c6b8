using System.Diagnostics;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>A clock that costs what a real one does, and else stands still.</summary>
internal sealed class FakeClock : TimeProvider
{
    /// <summary>What each look costs, in ticks.</summary>
    public const long Cost = 20;

    private readonly Queue<(long At, long Length)> _stalls = new();

    public long Now { get; set; } = 1_000_000;

    public override long TimestampFrequency => Stopwatch.Frequency;

    /// <summary>Does not run the tester for a while: the first look after <paramref name="at"/> comes so much later.</summary>
    public void StallAt(long at, long length) => _stalls.Enqueue((at, length));

    public override long GetTimestamp()
    {
        Now += Cost;
        if (_stalls.TryPeek(out (long At, long Length) stall) && Now >= stall.At)
        {
            Now += _stalls.Dequeue().Length;
        }

        return Now;
    }
}
