using System.Text.Json.Serialization;

namespace LowLatency.LoadTest.SavedReports;

/// <summary>A run as a report file tells of it. What a file does not have, because a run has no such thing, is null or empty.</summary>
/// <remarks>Settable, because generated deserialisation forgets the defaults of what can only be initialised.</remarks>
internal sealed record SavedRun
{
    public string? Label { get; set; }

    public string Target { get; set; } = "";

    public string Mode { get; set; } = "";

    public int Threads { get; set; }

    /// <summary>Requests a second that an open loop's schedule asked for.</summary>
    public double? Rate { get; set; }

    [JsonPropertyName("duration_s")]
    public double DurationSeconds { get; set; }

    [JsonPropertyName("warmup_s")]
    public double WarmUpSeconds { get; set; }

    public bool Interrupted { get; set; }

    public SavedConnections Connections { get; set; } = new(0, 0);

    public IReadOnlyDictionary<string, long> Outcomes { get; set; } = new Dictionary<string, long>();

    /// <summary>Response times, by the name of the figure; null where the sample cannot carry one.</summary>
    [JsonPropertyName("latency_us")]
    public IReadOnlyDictionary<string, double?> LatencyMicroseconds { get; set; } = new Dictionary<string, double?>();

    [JsonPropertyName("service_us")]
    public IReadOnlyDictionary<string, double?> ServiceMicroseconds { get; set; } = new Dictionary<string, double?>();

    [JsonPropertyName("hiccup_us")]
    public IReadOnlyDictionary<string, double?> HiccupMicroseconds { get; set; } = new Dictionary<string, double?>();

    [JsonPropertyName("under_1ms")]
    public double? UnderOneMillisecond { get; set; }

    public double RequestsPerSecond { get; set; }

    public SavedValidity? Validity { get; set; }

    /// <summary>Response times in HdrHistogram's compressed format and Base64, in nanoseconds.</summary>
    public string? Histogram { get; set; }

    /// <summary>The same of service times; null where they are the same thing.</summary>
    public string? ServiceHistogram { get; set; }

    /// <summary>One a second.</summary>
    public IReadOnlyList<SavedInterval> Intervals { get; set; } = [];

    /// <summary>The machine's longer stalls.</summary>
    public IReadOnlyList<SavedHiccup> Hiccups { get; set; } = [];

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
