using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Comparing;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Reports;

/// <summary>What the verb <c>compare</c> writes as JSON: the schema <c>lowlatency.compare/1</c>. Latencies are in microseconds.</summary>
internal sealed record CompareDocument(
    string Schema,
    string A,
    string B,
    bool Paired,
    bool Interrupted,
    string Verdict,
    IReadOnlyList<MetricDocument> Metrics,
    IReadOnlyList<SavedServer?> ServerA,
    IReadOnlyList<SavedServer?> ServerB,
    MachineEnvironment Environment)
{
    private const string SchemaName = "lowlatency.compare/1";

    public static string Write(RunComparison comparison, ComparedSide a, ComparedSide b, bool wasInterrupted, MachineEnvironment environment)
        => JsonSerializer.Serialize(
            new CompareDocument(
                SchemaName,
                a.Name,
                b.Name,
                comparison.ArePaired,
                wasInterrupted,
                comparison.Summary,
                [.. comparison.Metrics.Select(MetricDocument.Of)],
                [.. a.Runs.Select(run => run.Server)],
                [.. b.Runs.Select(run => run.Server)],
                environment),
            CompareJsonContext.Default.CompareDocument);
}

/// <summary>One figure: what each run had, and what that comes to.</summary>
internal sealed record MetricDocument(
    string Name,
    string Unit,
    IReadOnlyList<double> A,
    IReadOnlyList<double> B,
    double MedianA,
    double MedianB,
    double Ratio,
    IReadOnlyList<double> RatioInterval,
    double Difference,
    IReadOnlyList<double> DifferenceInterval,
    double P,
    double ThresholdPercent,
    string Verdict)
{
    public static MetricDocument Of(MetricComparison metric) => new(
        metric.Metric.Name,
        metric.Metric.IsLatency ? "us" : "1/s",
        metric.A,
        metric.B,
        metric.MedianA,
        metric.MedianB,
        metric.Ratio,
        [metric.RatioInterval.Low, metric.RatioInterval.High],
        metric.Difference,
        [metric.DifferenceInterval.Low, metric.DifferenceInterval.High],
        metric.PValue,
        metric.ThresholdPercent,
        metric.Verdict.Name());
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CompareDocument))]
internal sealed partial class CompareJsonContext : JsonSerializerContext;
