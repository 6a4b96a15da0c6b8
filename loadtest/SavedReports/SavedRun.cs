using System.Text.Json.Serialization;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.SavedReports;

/// <summary>A run as a report file tells of it. What a file does not have, because a run has no such thing, is null or empty.</summary>
/// <remarks>Settable, because generated deserialisation forgets the defaults of what can only be initialised.</remarks>
internal sealed record SavedRun
{
    public string? Label { get; set; }

    public string Target { get; set; } = "";

    public string Mode { get; set; } = "";

    public int Threads { get; set; }

    [JsonPropertyName("duration_s")]
    public double DurationSeconds { get; set; }

    [JsonPropertyName("warmup_s")]
    public double WarmUpSeconds { get; set; }

    public bool Interrupted { get; set; }

    public bool Valid { get; set; } = true;

    public IReadOnlyList<string> InvalidReasons { get; set; } = [];

    public IReadOnlyList<string> Warnings { get; set; } = [];

    public SavedWorkload Workload { get; set; } = new();

    public SavedConnections Connections { get; set; } = new(0, 0);

    public IReadOnlyDictionary<string, long> Outcomes { get; set; } = new Dictionary<string, long>();

    /// <summary>Response times, by the name of the figure; null where the sample cannot carry one.</summary>
    [JsonPropertyName("latency_us")]
    public IReadOnlyDictionary<string, double?> LatencyMicroseconds { get; set; } = new Dictionary<string, double?>();

    [JsonPropertyName("service_us")]
    public IReadOnlyDictionary<string, double?> ServiceMicroseconds { get; set; } = new Dictionary<string, double?>();

    [JsonPropertyName("send_lag_us")]
    public IReadOnlyDictionary<string, double?>? SendLagMicroseconds { get; set; }

    [JsonPropertyName("lateness_us")]
    public IReadOnlyDictionary<string, double?>? LatenessMicroseconds { get; set; }

    [JsonPropertyName("connect_us")]
    public IReadOnlyDictionary<string, double?>? ConnectMicroseconds { get; set; }

    [JsonPropertyName("first_byte_us")]
    public IReadOnlyDictionary<string, double?>? FirstByteMicroseconds { get; set; }

    [JsonPropertyName("hiccup_us")]
    public IReadOnlyDictionary<string, double?>? HiccupMicroseconds { get; set; }

    [JsonPropertyName("under_1ms")]
    public double? UnderOneMillisecond { get; set; }

    public double RequestsPerSecond { get; set; }

    public SavedHiccups? Hiccups { get; set; }

    /// <summary>What the sidecar told; null where none was asked.</summary>
    public SavedServer? Server { get; set; }

    public IReadOnlyList<SavedThreshold> Thresholds { get; set; } = [];

    /// <summary>Response times.</summary>
    [JsonPropertyName("histogram_ns")]
    public CompactBuckets? Histogram { get; set; }

    /// <summary>Service times; null where they are the same thing.</summary>
    [JsonPropertyName("service_histogram_ns")]
    public CompactBuckets? ServiceHistogram { get; set; }

    /// <summary>One a second.</summary>
    public IReadOnlyList<SavedInterval> Intervals { get; set; } = [];

    /// <summary>Attempted requests that came to anything but a good reply.</summary>
    public long Failed => Outcomes.GetValueOrDefault("attempted") - Outcomes.GetValueOrDefault("ok");

    public double? Rate => Workload.Rate;

    public IReadOnlyList<SavedHiccup> ListedHiccups
        => [.. (Hiccups?.Listed?.Hiccups ?? []).Select(hiccup => new SavedHiccup(hiccup.StartSeconds, hiccup.LengthMicroseconds))];
}

internal sealed record SavedWorkload
{
    public string? Framing { get; set; }

    public int? RequestBytes { get; set; }

    public int? ReplyBytes { get; set; }

    /// <summary>Requests a second that an open loop's schedule asked for.</summary>
    public double? Rate { get; set; }

    public string? Arrivals { get; set; }

    public int? Pipeline { get; set; }
}

internal sealed record SavedConnections(int Requested, int Established);

internal sealed record SavedThreshold(string Threshold, bool Held);

/// <param name="Requests">What the server has counted; null where it could not be asked afterwards.</param>
/// <param name="ExpectedLeast">Good replies, those of the warm-up with them.</param>
/// <param name="ExpectedMost">The same and what may have been answered.</param>
/// <param name="Agrees">Whether the count lies between.</param>
/// <param name="ServerMeanMicroseconds">The server's mean.</param>
/// <param name="Warning">What is wrong.</param>
internal sealed record SavedServer(
    long? Requests,
    long ExpectedLeast,
    long ExpectedMost,
    bool Agrees,
    [property: JsonPropertyName("server_mean_us")] double? ServerMeanMicroseconds,
    string? Warning);

internal sealed record SavedHiccups(CompactHiccups? Listed);

/// <param name="StartSeconds">Since the beginning of the measured phase.</param>
/// <param name="Microseconds">How long.</param>
internal readonly record struct SavedHiccup(double StartSeconds, double Microseconds);

/// <param name="StartSeconds">Since the beginning of the measured phase.</param>
/// <param name="LengthSeconds">A second, or less.</param>
/// <param name="Histogram">Response times of the good replies.</param>
internal sealed record SavedInterval(
    [property: JsonPropertyName("start_s")] double StartSeconds,
    [property: JsonPropertyName("length_s")] double LengthSeconds,
    [property: JsonPropertyName("histogram_ns")] CompactBuckets? Histogram);
