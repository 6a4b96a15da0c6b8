using System.Text.Json.Serialization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>One second of a run.</summary>
internal sealed record IntervalDocument(
    [property: JsonPropertyName("start_s")] double StartSeconds,
    [property: JsonPropertyName("length_s")] double LengthSeconds,
    long Ok,
    long Failed,
    [property: JsonPropertyName("latency_us")] LatencyDocument LatencyMicroseconds,
    [property: JsonPropertyName("histogram_ns")] CompactBuckets Histogram)
{
    public static IntervalDocument Of(Interval interval) => new(
        interval.Start.TotalSeconds,
        interval.Length.TotalSeconds,
        interval.Ok,
        interval.Failed,
        LatencyDocument.Of(interval.Latencies),
        CompactBuckets.Of(interval.Latencies));
}
