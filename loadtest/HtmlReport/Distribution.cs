using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Latencies as a report file has them: buckets, none empty, by latency.</summary>
internal sealed class Distribution
{
    private Distribution(IReadOnlyList<LatencyBucket> buckets)
    {
        Buckets = buckets;
        Count = buckets.Sum(bucket => bucket.Count);
    }

    public IReadOnlyList<LatencyBucket> Buckets { get; }

    public long Count { get; }

    public long Minimum => Buckets[0].From;

    public long Maximum => Buckets[^1].To;

    /// <summary>The distribution of a file's histogram; <c>null</c> where there is none, or nothing in it.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Distribution? Of(CompactBuckets? histogram)
    {
        if (histogram is null or { Buckets.Count: 0 })
        {
            return null;
        }

        long before = -1;
        long count = 0;
        foreach (LatencyBucket bucket in histogram.Buckets)
        {
            bool isInOrder = bucket.From > before && bucket.To >= bucket.From && bucket.Count > 0 && bucket.Count <= long.MaxValue - count;
            if (!isInOrder)
            {
                throw new FormatException($"the bucket [{bucket.From},{bucket.To},{bucket.Count}] of a histogram is empty or out of order");
            }

            before = bucket.To;
            count += bucket.Count;
        }

        return new Distribution(histogram.Buckets);
    }

    /// <summary>The latency that a share of the requests does not exceed.</summary>
    public long At(double share)
    {
        long reached = 0;
        foreach (LatencyBucket bucket in Buckets)
        {
            reached += bucket.Count;
            if (reached >= share * Count)
            {
                return bucket.To;
            }
        }

        return Maximum;
    }
}
