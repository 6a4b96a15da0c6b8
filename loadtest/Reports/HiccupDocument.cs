using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>When the machine did not run the tester's threads. Their lengths' distribution is the run's <c>hiccup_us</c>.</summary>
internal sealed record HiccupDocument(
    string Method,
    [property: JsonPropertyName("least_us")] double LeastMicroseconds,
    long Count,
    [property: JsonPropertyName("share_beyond_p99_9")] double? ShareOfTail,
    [property: JsonPropertyName("listed_from_us")] double ListedFromMicroseconds,
    CompactHiccups Listed)
{
    private const double NanosecondsPerMicrosecond = 1_000;

    public static HiccupDocument Of(HiccupRecord hiccups, RunResult result) => new(
        hiccups.Method.ToString().ToLowerInvariant(),
        hiccups.Least / NanosecondsPerMicrosecond,
        hiccups.Total.Count,
        hiccups.ShareOfTail(result.Latencies, Percentile.P999),
        hiccups.NotableFrom / NanosecondsPerMicrosecond,
        new CompactHiccups([.. hiccups.Notable.Select(hiccup => (
            Stopwatch.GetElapsedTime(result.StartedAtTicks, hiccup.StartTicks).TotalSeconds,
            hiccup.Nanoseconds / NanosecondsPerMicrosecond))]));
}

/// <summary>Hiccups in JSON: <c>[start, length]</c> for each, all on one line.</summary>
/// <param name="Hiccups">Seconds since the beginning of the measured phase, negative for one that began before; and microseconds.</param>
[JsonConverter(typeof(CompactHiccupsConverter))]
internal sealed record CompactHiccups(IReadOnlyList<(double StartSeconds, double LengthMicroseconds)> Hiccups);

internal sealed class CompactHiccupsConverter : JsonConverter<CompactHiccups>
{
    public override CompactHiccups Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var hiccups = new List<(double, double)>();
        Require(reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            hiccups.Add((ReadNumber(ref reader), ReadNumber(ref reader)));
            Require(reader.Read() && reader.TokenType == JsonTokenType.EndArray);
        }

        Require(reader.TokenType == JsonTokenType.EndArray);
        return new CompactHiccups(hiccups);
    }

    // Indented, every number would have a line of its own.
    public override void Write(Utf8JsonWriter writer, CompactHiccups value, JsonSerializerOptions options)
        => writer.WriteRawValue($"[{string.Join(',', value.Hiccups.Select(hiccup => string.Create(CultureInfo.InvariantCulture, $"[{hiccup.StartSeconds:0.######},{hiccup.LengthMicroseconds:0.###}]")))}]");

    private static double ReadNumber(ref Utf8JsonReader reader)
    {
        Require(reader.Read() && reader.TokenType == JsonTokenType.Number);
        return reader.GetDouble();
    }

    private static void Require(bool isRight)
    {
        if (!isRight)
        {
            throw new JsonException("Hiccups are an array of [start, length].");
        }
    }
}
