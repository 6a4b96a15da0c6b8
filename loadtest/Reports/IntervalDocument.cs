using System.Text.Json.Serialization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>A second of a run in the JSON report, for plots over time.</summary>
internal sealed record IntervalDocument(
    [property: JsonPropertyName("start_s")] double StartSeconds,
    [property: JsonPropertyName("length_s")] double LengthSeconds,
    long Ok,
    long Failed,
    string? Histogram)
{
    public static IntervalDocument Of(Interval interval) => new(
        interval.Start.TotalSeconds,
        interval.Length.TotalSeconds,
        interval.Ok,
        interval.Failed,
        interval.Latencies.Count > 0 ? interval.Latencies.ToBase64() : null);
}
