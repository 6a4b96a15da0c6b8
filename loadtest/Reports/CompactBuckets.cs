using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>A histogram in JSON: <c>[from, to, count]</c> for every bucket that is not empty, in nanoseconds, all on one line.</summary>
[JsonConverter(typeof(CompactBucketsConverter))]
internal sealed record CompactBuckets(IReadOnlyList<LatencyBucket> Buckets)
{
    public static CompactBuckets Of(LatencyRecorder latencies) => new([.. latencies.Buckets]);
}

internal sealed class CompactBucketsConverter : JsonConverter<CompactBuckets>
{
    public override CompactBuckets Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var buckets = new List<LatencyBucket>();
        Require(reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            buckets.Add(new LatencyBucket(ReadNumber(ref reader), ReadNumber(ref reader), ReadNumber(ref reader)));
            Require(reader.Read() && reader.TokenType == JsonTokenType.EndArray);
        }

        Require(reader.TokenType == JsonTokenType.EndArray);
        return new CompactBuckets(buckets);
    }

    // Indented, every number would have a line of its own.
    public override void Write(Utf8JsonWriter writer, CompactBuckets value, JsonSerializerOptions options)
        => writer.WriteRawValue($"[{string.Join(',', value.Buckets.Select(Describe))}]");

    private static string Describe(LatencyBucket bucket)
        => string.Create(CultureInfo.InvariantCulture, $"[{bucket.From},{bucket.To},{bucket.Count}]");

    private static long ReadNumber(ref Utf8JsonReader reader)
    {
        Require(reader.Read() && reader.TokenType == JsonTokenType.Number);
        return reader.GetInt64();
    }

    private static void Require(bool isRight)
    {
        if (!isRight)
        {
            throw new JsonException("A histogram is an array of [from, to, count].");
        }
    }
}
