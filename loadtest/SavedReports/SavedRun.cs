using System.Text.Json.Serialization;

namespace LowLatency.LoadTest.SavedReports;

/// <summary>A run as a report file tells of it. What a file does not have, because a run has no such thing, is null or empty.</summary>
internal sealed record SavedRun
{
    public string? Label { get; init; }

    public string Target { get; init; } = "";

    public string Mode { get; init; } = "";

    public int Threads { get; init; }

    /// <summary>Requests a second that an open loop's schedule asked for.</summary>
    public double? Rate { get; init; }

    [JsonPropertyName("duration_s")]
    public double DurationSeconds { get; init; }

    [JsonPropertyName("warmup_s")]
    public double WarmUpSeconds { get; init; }

    public bool Interrupted { get; init; }

    public SavedConnections Connections { get; init; } = new(0, 0);

    public IReadOnlyDictionary<string, long> Outcomes { get; init; } = new Dictionary<string, long>();

    /// <summary>Response times, by the name of the figure; null where the sample cannot carry one.</summary>
    [JsonPropertyName("latency_us")]
    public IReadOnlyDictionary<string, double?> LatencyMicroseconds { get; init; } = new Dictionary<string, double?>();

    [JsonPropertyName("service_us")]
    public IReadOnlyDictionary<string, double?> ServiceMicroseconds { get; init; } = new Dictionary<string, double?>();

    [JsonPropertyName("hiccup_us")]
    public IReadOnlyDictionary<string, double?> HiccupMicroseconds { get; init; } = new Dictionary<string, double?>();

    [JsonPropertyName("under_1ms")]
    public double? UnderOneMillisecond { get; init; }

    public double RequestsPerSecond { get; init; }

    public SavedValidity? Validity { get; init; }

    /// <summary>Response times in HdrHistogram's compressed format and Base64, in nanoseconds.</summary>
    public string? Histogram { get; init; }

    /// <summary>The same of service times; null where they are the same thing.</summary>
    public string? ServiceHistogram { get; init; }

    /// <summary>One a second.</summary>
    public IReadOnlyList<SavedInterval> Intervals { get; init; } = [];

    /// <summary>The machine's longer stalls.</summary>
    public IReadOnlyList<SavedHiccup> Hiccups { get; init; } = [];

    public long Ok => Outcomes.GetValueOrDefault("ok");

    public bool IsValid => Validity?.Valid ?? true;
}

internal sealed record SavedConnections(int Requested, int Established);

internal sealed record SavedValidity(bool Valid, IReadOnlyList<string> Reasons);

/// <param name="StartSeconds">Since the beginning of the measured phase.</param>
/// <param name="LengthSeconds">A second, or less.</param>
/// <param name="Ok">Good replies.</param>
/// <param name="Failed">The others.</param>
/// <param name="Histogram">Response times, like the run's.</param>
internal sealed record SavedInterval(
    [property: JsonPropertyName("start_s")] double StartSeconds,
    [property: JsonPropertyName("length_s")] double LengthSeconds,
    long Ok,
    long Failed,
    string? Histogram);

/// <param name="StartSeconds">Since the beginning of the measured phase.</param>
/// <param name="Microseconds">How long.</param>
internal sealed record SavedHiccup(
    [property: JsonPropertyName("start_s")] double StartSeconds,
    [property: JsonPropertyName("length_us")] double Microseconds);
