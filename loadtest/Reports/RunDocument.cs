using System.Text.Json.Serialization;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Reports;

/// <summary>A run in the JSON report. The names are the schema's; figures that the sample cannot carry are null.</summary>
internal sealed record RunDocument
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required string? Label { get; init; }

    public required string Target { get; init; }

    public required string Mode { get; init; }

    public required int Threads { get; init; }

    [JsonPropertyName("duration_s")]
    public required double DurationSeconds { get; init; }

    [JsonPropertyName("warmup_s")]
    public required double WarmUpSeconds { get; init; }

    public required bool Interrupted { get; init; }

    public required ConnectionsDocument Connections { get; init; }

    public required OutcomesDocument Outcomes { get; init; }

    /// <summary>Response time: from when a request was to be sent.</summary>
    [JsonPropertyName("latency_us")]
    public required LatencyDocument LatencyMicroseconds { get; init; }

    /// <summary>Service time: from when it was sent. A closed loop knows no difference.</summary>
    [JsonPropertyName("service_us")]
    public required LatencyDocument ServiceMicroseconds { get; init; }

    [JsonPropertyName("under_1ms")]
    public required double? UnderOneMillisecond { get; init; }

    public required double RequestsPerSecond { get; init; }

    /// <summary>Latencies that the histogram had to clamp.</summary>
    public required long OutOfRange { get; init; }

    public static RunDocument Of(RunResult result)
    {
        var latency = LatencyDocument.Of(result.Latencies);
        return new RunDocument
        {
            Label = result.Workload.Label,
            Target = result.Workload.Target.Text,
            Mode = result.Workload.Mode.Name(),
            Threads = result.Workload.Threads,
            DurationSeconds = result.Elapsed.TotalSeconds,
            WarmUpSeconds = result.Workload.WarmUp.TotalSeconds,
            Interrupted = result.WasInterrupted,
            Connections = new ConnectionsDocument(result.Workload.Connections, result.Established),
            Outcomes = OutcomesDocument.Of(result.Outcomes),
            LatencyMicroseconds = latency,
            ServiceMicroseconds = latency,
            UnderOneMillisecond = result.UnderOneMillisecond,
            RequestsPerSecond = result.RequestsPerSecond,
            OutOfRange = result.Latencies.OutOfRange,
        };
    }
}

internal sealed record ConnectionsDocument(int Requested, int Established);

internal sealed record OutcomesDocument(
    long Attempted, long Ok, long ConnectError, long WriteError, long ReadError, long Timeout, long Eof, long BadReply, long Aborted, long Dropped)
{
    public static OutcomesDocument Of(OutcomeCounts counts) => new(
        counts.Attempted,
        counts[Outcome.Ok],
        counts[Outcome.ConnectError],
        counts[Outcome.WriteError],
        counts[Outcome.ReadError],
        counts[Outcome.Timeout],
        counts[Outcome.Eof],
        counts[Outcome.BadReply],
        counts[Outcome.Aborted],
        counts[Outcome.Dropped]);
}

internal sealed record LatencyDocument(
    double? Min,
    double? Mean,
    double? P50,
    double? P90,
    double? P99,
    [property: JsonPropertyName("p99_9")] double? P999,
    [property: JsonPropertyName("p99_99")] double? P9999,
    double? Max)
{
    public static LatencyDocument Of(LatencyRecorder latencies) => new(
        Microseconds(latencies.Count > 0 ? latencies.Minimum : null),
        Microseconds(latencies.Count > 0 ? latencies.Mean : null),
        Microseconds(latencies.At(Percentile.P50)),
        Microseconds(latencies.At(Percentile.P90)),
        Microseconds(latencies.At(Percentile.P99)),
        Microseconds(latencies.At(Percentile.P999)),
        Microseconds(latencies.At(Percentile.P9999)),
        Microseconds(latencies.Count > 0 ? latencies.Maximum : null));

    private static double? Microseconds(double? nanoseconds) => nanoseconds / 1_000;
}
