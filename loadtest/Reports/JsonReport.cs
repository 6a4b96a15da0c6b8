using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>Runs as programs read them: the schema <c>lowlatency.loadtest/1</c>.</summary>
internal static class JsonReport
{
    private const string Schema = "lowlatency.loadtest/1";

    public static string Write(IReadOnlyList<RunResult> results, MachineEnvironment environment)
        => JsonSerializer.Serialize(
            new ReportDocument(Schema, [.. results.Select(RunDocument.Of)], environment),
            ReportJsonContext.Default.ReportDocument);
}

internal sealed record ReportDocument(string Schema, IReadOnlyList<RunDocument> Runs, MachineEnvironment Environment);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
