using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Baselines;

namespace LowLatency.LoadTest.Reports;

/// <summary>A comparison as programs read it, with every round: the schema <c>lowlatency.reference/1</c>.</summary>
internal sealed record ReferenceDocument(
    string Schema,
    [property: JsonPropertyName("duration_s")] double DurationSeconds,
    [property: JsonPropertyName("warmup_s")] double WarmUpSeconds,
    CpuPlan Cpus,
    IReadOnlyList<ReferenceRowDocument> Rows,
    MachineEnvironment Environment)
{
    private const string SchemaName = "lowlatency.reference/1";

    public static string Write(IReadOnlyList<RowResult> results, TimeSpan duration, TimeSpan warmUp, CpuPlan cpus, MachineEnvironment environment)
        => JsonSerializer.Serialize(
            new ReferenceDocument(SchemaName, duration.TotalSeconds, warmUp.TotalSeconds, cpus, [.. results.Select(ReferenceRowDocument.Of)], environment),
            ReferenceJsonContext.Default.ReferenceDocument);
}

/// <summary>One row. Figures that a sample cannot carry are null.</summary>
internal sealed record ReferenceRowDocument(
    string Name,
    string Title,
    string Unit,
    string Server,
    string Load,
    IReadOnlyList<double?> Rounds,
    double? Median,
    long Failures,
    string? Skipped,
    IReadOnlyList<ComparisonDocument> Against)
{
    public static ReferenceRowDocument Of(RowResult result) => new(
        result.Row.Name,
        result.Row.Title,
        result.Row.Figure.Unit(),
        result.Row.Subject.Server.Title,
        result.Row.Subject.Load.ToString(),
        result.Rounds,
        result.Median,
        result.Failures,
        result.Skipped,
        [.. result.Comparisons.Select(ComparisonDocument.Of)]);
}

/// <summary>A row beside one of its yardsticks.</summary>
internal sealed record ComparisonDocument(
    string Server,
    string Load,
    IReadOnlyList<double?> Rounds,
    double? Median,
    double? Ratio,
    IReadOnlyList<double?> Ratios,
    double? Least,
    double? Greatest,
    string? Bar,
    bool? Held)
{
    public static ComparisonDocument Of(Comparison comparison) => new(
        comparison.Yardstick.Cell.Server.Title,
        comparison.Yardstick.Cell.Load.ToString(),
        comparison.Rounds,
        comparison.Median,
        comparison.Ratio,
        comparison.Ratios,
        comparison.Least,
        comparison.Greatest,
        comparison.Yardstick.Bar?.ToString(),
        comparison.IsHeld);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ReferenceDocument))]
internal sealed partial class ReferenceJsonContext : JsonSerializerContext;
