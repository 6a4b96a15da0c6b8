using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Hiccups;

/// <summary>How long threads that only wanted to run were not run while a workload was measured.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Notable">Those worth a name, by time.</param>
internal sealed record HiccupRecord(LatencyRecorder Total, IReadOnlyList<Hiccup> Notable)
{
    public required HiccupMethod Method { get; init; }

    /// <summary>What is shorter is not counted, in nanoseconds: the look at the clock may have had to do with something else.</summary>
    public required long Least { get; init; }

    /// <summary>Every hiccup of this length or more is among the notable ones, in nanoseconds.</summary>
    public required long NotableFrom { get; init; }

    /// <summary>How many threads were watched.</summary>
    public required int Threads { get; init; }

    /// <summary>All hiccups together.</summary>
    public TimeSpan Sum => TimeSpan.FromMicroseconds(Total.Count == 0 ? 0 : Total.Mean * Total.Count / 1_000);

    /// <summary>The latencies of replies during whose wait their own thread had a hiccup; <c>null</c> where that is not known.</summary>
    public LatencyRecorder? Coinciding { get; init; }

    /// <summary>The share of the time in which a thread was not run.</summary>
    public double ShareOf(TimeSpan elapsed) => elapsed > TimeSpan.Zero ? Sum / Threads / elapsed : 0;

    /// <summary>The share of the replies beyond a percentile during whose wait their own thread had a hiccup.</summary>
    /// <returns><c>null</c> when that is not known, or the sample does not carry the percentile.</returns>
    public double? ShareOfTail(LatencyRecorder latencies, Percentile percentile)
    {
        if (Coinciding is null || latencies.At(percentile) is not long bound)
        {
            return null;
        }

        long beyond = CountBeyond(latencies, bound);
        return beyond == 0 ? null : (double)CountBeyond(Coinciding, bound) / beyond;
    }

    /// <summary>Whether most of what can lie beyond a percentile met one. Not where most of it is as fast as the percentile itself.</summary>
    public bool MakesTail(LatencyRecorder latencies, Percentile percentile)
        => Coinciding is not null && latencies.At(percentile) is long bound
        && CountBeyond(Coinciding, bound) > latencies.Count * (100 - percentile.Percent) / 200;

    private static long CountBeyond(LatencyRecorder latencies, long bound)
        => latencies.Buckets.Where(bucket => bucket.From > bound).Sum(bucket => bucket.Count);
}

/// <param name="StartTicks">When it began, in Stopwatch ticks.</param>
/// <param name="Nanoseconds">How long it was.</param>
internal readonly record struct Hiccup(long StartTicks, long Nanoseconds);
