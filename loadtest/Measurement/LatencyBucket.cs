namespace LowLatency.LoadTest.Measurement;

/// <summary>One of a histogram's buckets that is not empty.</summary>
/// <param name="From">The least value that falls into it, in nanoseconds.</param>
/// <param name="To">The greatest one.</param>
/// <param name="Count">How many did.</param>
internal readonly record struct LatencyBucket(long From, long To, long Count);
