using System.Diagnostics;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>One of the machine's longer stalls in the JSON report.</summary>
internal sealed record HiccupDocument(
    [property: JsonPropertyName("start_s")] double StartSeconds,
    [property: JsonPropertyName("length_us")] double Microseconds)
{
    public static IReadOnlyList<HiccupDocument> Of(RunResult result)
        => result.Hiccups is null ? [] : [.. result.Hiccups.Notable.Select(hiccup => new HiccupDocument(
            (double)(hiccup.StartTicks - result.StartedAtTicks) / Stopwatch.Frequency,
            hiccup.Nanoseconds / 1_000.0))];
}
