using System.Diagnostics;
using HdrHistogram;
using HdrHistogram.Iteration;
using HdrHistogram.Utilities;

namespace LowLatency.LoadTest.Measurement;

/// <summary>The latencies of one thread, in nanoseconds: a plain histogram, and beside it what a histogram rounds.</summary>
/// <remarks>Owned by one thread; merged by <see cref="Add"/> when all have ended. Recording neither allocates nor locks.</remarks>
internal sealed class LatencyRecorder
{
    // One hour. The histogram throws on more than it was made for; such a value is clamped and counted instead.
    private const long Highest = 3_600_000_000_000;
    private const int SignificantDigits = 3;
    private const int CoarseDigits = 2;
    private const long LeastReach = 2;
    private const long Millisecond = 1_000_000;

    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly HistogramBase _histogram;
    private long _sum;

    public LatencyRecorder()
        : this(new LongHistogram(Highest, SignificantDigits))
    {
    }

    private LatencyRecorder(HistogramBase histogram) => _histogram = histogram;

    /// <summary>One that can tell two digits apart instead of three, for 25 KB instead of 270.</summary>
    public static LatencyRecorder OfTwoDigits() => new(new IntHistogram(Highest, CoarseDigits));

    /// <summary>The buckets that are not empty, by latency.</summary>
    public IEnumerable<LatencyBucket> Buckets => _histogram.RecordedValues().Select(value => new LatencyBucket(
        _histogram.LowestEquivalentValue(value.ValueIteratedTo),
        _histogram.HighestEquivalentValue(value.ValueIteratedTo),
        value.CountAddedInThisIterationStep));

    /// <summary>The histogram itself, to be read only: for the formats that its library writes.</summary>
    public HistogramBase Histogram => _histogram;

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

    /// <summary>What two of them hold to two digits, in a histogram that reaches no further than it has to.</summary>
    public static LatencyRecorder Compact(LatencyRecorder one, LatencyRecorder? other = null)
    {
        long maximum = Math.Clamp(Math.Max(one.Maximum, other?.Maximum ?? 0), LeastReach, Highest);
        var compact = new LatencyRecorder(new IntHistogram(maximum, CoarseDigits));
        compact.AddBuckets(one);
        if (other is not null)
        {
            compact.AddBuckets(other);
        }

        return compact;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _histogram.Reset();
        (_sum, Count, Minimum, Maximum, UnderOneMillisecond, OutOfRange) = (0, 0, long.MaxValue, 0, 0, 0);
    }

    public void Add(LatencyRecorder other)
    {
        _histogram.Add(other._histogram);
        AddExact(other);
    }

    private void AddBuckets(LatencyRecorder other)
    {
        foreach (HistogramIterationValue value in other._histogram.RecordedValues())
        {
            _histogram.RecordValueWithCount(Math.Min(value.ValueIteratedTo, _histogram.HighestTrackableValue), value.CountAddedInThisIterationStep);
        }

        AddExact(other);
    }

    private void AddExact(LatencyRecorder other)
    {
        _sum += other._sum;
        Count += other.Count;
        Minimum = Math.Min(Minimum, other.Minimum);
        Maximum = Math.Max(Maximum, other.Maximum);
        UnderOneMillisecond += other.UnderOneMillisecond;
        OutOfRange += other.OutOfRange;
    }

    /// <summary>The histogram in HdrHistogram's compressed format (V2) and Base64, as other programs read it too.</summary>
    public string ToBase64()
    {
        var buffer = ByteBuffer.Allocate(_histogram.GetNeededByteBufferCapacity());
        byte[] bytes = new byte[_histogram.EncodeIntoCompressedByteBuffer(buffer)];
        buffer.Position = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = buffer.Get();
        }

        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads what <see cref="ToBase64"/> wrote. What it keeps beside the histogram is within a bucket of what was recorded.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static LatencyRecorder FromBase64(string text)
    {
        HistogramBase histogram;
        try
        {
            histogram = HistogramEncoding.DecodeFromCompressedByteBuffer(ByteBuffer.Allocate(Convert.FromBase64String(text)), 0);
        }
        catch (Exception e) when (e is not FormatException)
        {
            throw new FormatException("not a histogram in HdrHistogram's compressed format", e);
        }

        var recorder = new LatencyRecorder(histogram);
        foreach (LatencyBucket bucket in recorder.Buckets)
        {
            recorder.Count += bucket.Count;
            recorder._sum += bucket.Count * (bucket.From + ((bucket.To - bucket.From) / 2));
            recorder.Minimum = Math.Min(recorder.Minimum, bucket.From);
            recorder.Maximum = bucket.To;
            recorder.UnderOneMillisecond += bucket.From < Millisecond ? bucket.Count : 0;
        }

        return recorder;
    }

    /// <summary>The value that a share of the sample does not exceed, or <c>null</c> when the sample cannot carry it.</summary>
    public long? At(Percentile percentile)
        => percentile.IsCarriedBy(Count)
            ? Math.Min(_histogram.GetValueAtPercentile(percentile.Percent), Maximum)
            : null;
}
