using System.Diagnostics;
using HdrHistogram;

namespace LowLatency.LoadTest.Measurement;

/// <summary>The latencies of one thread, in nanoseconds: a plain histogram, and beside it what a histogram rounds.</summary>
/// <remarks>Owned by one thread; merged by <see cref="Add"/> when all have ended. Recording neither allocates nor locks.</remarks>
internal sealed class LatencyRecorder
{
    // One hour. The histogram throws on more than it was made for; such a value is clamped and counted instead.
    private const long Highest = 3_600_000_000_000;
    private const int SignificantDigits = 3;
    private const long Millisecond = 1_000_000;

    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly LongHistogram _histogram = new(Highest, SignificantDigits);
    private long _sum;

    public long Count { get; private set; }

    public long Minimum { get; private set; } = long.MaxValue;

    public long Maximum { get; private set; }

    public long UnderOneMillisecond { get; private set; }

    /// <summary>Values outside of the histogram's range. They count in full for minimum, mean and maximum.</summary>
    public long OutOfRange { get; private set; }

    public double Mean => (double)_sum / Count;

    public static long ToNanoseconds(long stopwatchTicks)
        => Stopwatch.Frequency == 1_000_000_000 ? stopwatchTicks : (long)(stopwatchTicks * NanosecondsPerTick);

    public void Record(long nanoseconds)
    {
        Count++;
        _sum += nanoseconds;
        Minimum = Math.Min(Minimum, nanoseconds);
        Maximum = Math.Max(Maximum, nanoseconds);
        if (nanoseconds < Millisecond)
        {
            UnderOneMillisecond++;
        }

        if (nanoseconds is < 0 or > Highest)
        {
            OutOfRange++;
            nanoseconds = Math.Clamp(nanoseconds, 0, Highest);
        }

        _histogram.RecordValue(nanoseconds);
    }

    public void Add(LatencyRecorder other)
    {
        _histogram.Add(other._histogram);
        _sum += other._sum;
        Count += other.Count;
        Minimum = Math.Min(Minimum, other.Minimum);
        Maximum = Math.Max(Maximum, other.Maximum);
        UnderOneMillisecond += other.UnderOneMillisecond;
        OutOfRange += other.OutOfRange;
    }

    /// <summary>The value that a share of the sample does not exceed, or <c>null</c> when the sample cannot carry it.</summary>
    public long? At(Percentile percentile)
        => percentile.IsCarriedBy(Count)
            ? Math.Min(_histogram.GetValueAtPercentile(percentile.Percent), Maximum)
            : null;
}
