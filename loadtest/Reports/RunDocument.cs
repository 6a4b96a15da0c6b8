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

    public required DateTimeOffset StartedAt { get; init; }

    public required bool Interrupted { get; init; }

    /// <summary>Whether it measured what it was asked to measure; if not, no figure below is to be relied on.</summary>
    public required bool Valid { get; init; }

    public required IReadOnlyList<string> InvalidReasons { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required WorkloadDocument Workload { get; init; }

    public required ConnectionsDocument Connections { get; init; }

    public required OutcomesDocument Outcomes { get; init; }

    /// <summary>Response time: from when a request was to be sent.</summary>
    [JsonPropertyName("latency_us")]
    public required LatencyDocument LatencyMicroseconds { get; init; }

    /// <summary>Service time: from when it was sent. A closed loop knows no difference.</summary>
    [JsonPropertyName("service_us")]
    public required LatencyDocument ServiceMicroseconds { get; init; }

    /// <summary>Open loop: actual minus intended send.</summary>
    [JsonPropertyName("send_lag_us")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required LatencyDocument? SendLagMicroseconds { get; init; }

    /// <summary>Open loop: the tester's own part of that.</summary>
    [JsonPropertyName("lateness_us")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required LatencyDocument? LatenessMicroseconds { get; init; }

    [JsonPropertyName("connect_us")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required LatencyDocument? ConnectMicroseconds { get; init; }

    [JsonPropertyName("first_byte_us")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required LatencyDocument? FirstByteMicroseconds { get; init; }

    /// <summary>How long the machine did not run the tester's threads.</summary>
    [JsonPropertyName("hiccup_us")]
    public required LatencyDocument HiccupMicroseconds { get; init; }

    [JsonPropertyName("under_1ms")]
    public required double? UnderOneMillisecond { get; init; }

    public required double RequestsPerSecond { get; init; }

    /// <summary>Open loop: the share of the scheduled rate that was reached.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required double? AchievedShare { get; init; }

    /// <summary>Latencies that the histogram had to clamp.</summary>
    public required long OutOfRange { get; init; }

    public required HiccupDocument? Hiccups { get; init; }

    public required ServerDocument? Server { get; init; }

    public required IReadOnlyList<ThresholdDocument> Thresholds { get; init; }

    /// <summary>Response times.</summary>
    [JsonPropertyName("histogram_ns")]
    public required CompactBuckets Histogram { get; init; }

    [JsonPropertyName("service_histogram_ns")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required CompactBuckets? ServiceHistogram { get; init; }

    public required IReadOnlyList<IntervalDocument> Intervals { get; init; }

    public static RunDocument Of(RunResult result)
    {
        return new RunDocument
        {
            Label = result.Workload.Label,
            Target = result.Workload.Target.Text,
            Mode = result.Workload.Mode.Name(),
            Threads = result.Workload.Threads,
            DurationSeconds = result.Elapsed.TotalSeconds,
            WarmUpSeconds = result.Workload.WarmUp.TotalSeconds,
            StartedAt = result.StartedAt,
            Interrupted = result.WasInterrupted,
            Valid = result.Validity.IsValid,
            InvalidReasons = result.Validity.Reasons,
            Warnings = result.Validity.Warnings,
            Workload = WorkloadDocument.Of(result.Workload),
            Connections = new ConnectionsDocument(result.Workload.Connections, result.Established),
            Outcomes = OutcomesDocument.Of(result.Outcomes),
            LatencyMicroseconds = LatencyDocument.Of(result.Latencies),
            ServiceMicroseconds = LatencyDocument.Of(result.ServiceTimes ?? result.Latencies),
            SendLagMicroseconds = LatencyDocument.OfAny(result.SendLag),
            LatenessMicroseconds = LatencyDocument.OfAny(result.Lateness),
            ConnectMicroseconds = LatencyDocument.OfAny(result.ConnectTimes),
            FirstByteMicroseconds = LatencyDocument.OfAny(result.FirstByteTimes),
            HiccupMicroseconds = LatencyDocument.Of(result.Hiccups?.Total ?? new LatencyRecorder()),
            UnderOneMillisecond = result.UnderOneMillisecond,
            RequestsPerSecond = result.RequestsPerSecond,
            AchievedShare = result.AchievedShare,
            OutOfRange = result.Latencies.OutOfRange,
            Hiccups = result.Hiccups is null ? null : HiccupDocument.Of(result.Hiccups, result),
            Server = result.Server is null ? null : ServerDocument.Of(result.Server),
            Thresholds = [.. result.Verdicts.Select(ThresholdDocument.Of)],
            Histogram = CompactBuckets.Of(result.Latencies),
            ServiceHistogram = result.ServiceTimes is null ? null : CompactBuckets.Of(result.ServiceTimes),
            Intervals = [.. result.Intervals.Select(IntervalDocument.Of)],
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
    [property: JsonPropertyName("p99_999")] double? P99999,
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
        Microseconds(latencies.At(Percentile.P99999)),
        Microseconds(latencies.Count > 0 ? latencies.Maximum : null));

    public static LatencyDocument? OfAny(LatencyRecorder? latencies) => latencies is null ? null : Of(latencies);

    private static double? Microseconds(double? nanoseconds) => nanoseconds / 1_000;
}
