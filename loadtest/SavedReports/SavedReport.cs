using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LowLatency.LoadTest.SavedReports;

/// <summary>A file that <c>--json</c> has written, read again.</summary>
internal sealed record SavedReport
{
    private const string SupportedSchema = "lowlatency.loadtest/1";

    public string? Schema { get; set; }

    public IReadOnlyList<SavedRun> Runs { get; set; } = [];

    /// <summary>Where the figures come from, by name, as the file has it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Environment { get; set; } = new Dictionary<string, JsonElement>();

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="report">The report, which has at least one run.</param>
    /// <param name="error">What is wrong with it, in one line.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out SavedReport? report, [NotNullWhen(false)] out string? error)
    {
        try
        {
            bool isGood = TryParse(File.ReadAllText(path), out report, out string? mistake);
            error = isGood ? null : $"'{path}' {mistake}";
            return isGood;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            (report, error) = (null, $"'{path}' cannot be read ({e.Message.TrimEnd('.')}); allowed: a file that --json has written");
            return false;
        }
    }

    /// <summary>Reads what a file holds.</summary>
    public static bool TryParse(string json, [NotNullWhen(true)] out SavedReport? report, [NotNullWhen(false)] out string? error)
    {
        report = null;
        error = null;
        SavedReport? read;
        try
        {
            read = JsonSerializer.Deserialize(json, SavedReportContext.Default.SavedReport);
        }
        catch (JsonException e)
        {
            error = $"is not a report: {e.Message.ReplaceLineEndings(" ")}";
            return false;
        }

        if (read?.Schema != SupportedSchema)
        {
            error = read?.Schema is null
                ? $"is not a report: it names no schema; allowed: {SupportedSchema}"
                : $"has the schema '{read.Schema}'; allowed: {SupportedSchema}";
        }
        else if (read.Runs is null or [] || read.Environment is null)
        {
            error = "holds no runs; allowed: a report of one or more";
        }
        else if (read.Runs.Select(WhatIsMissing).FirstOrDefault(missing => missing is not null) is string missing)
        {
            error = $"is not a report: a run has no {missing}";
        }
        else
        {
            report = read;
        }

        return report is not null;
    }

    // The file may come from anywhere, and null is a value that JSON has for everything.
    private static string? WhatIsMissing(SavedRun? run) => run switch
    {
        null => "content",
        { Target: null or "" } => "target",
        { Mode: null or "" } => "mode",
        { Connections: null } => "connections",
        { Outcomes: null or { Count: 0 } } => "outcomes",
        { LatencyMicroseconds: null or { Count: 0 } } => "latency_us",
        { ServiceMicroseconds: null } => "service_us",
        { InvalidReasons: null } => "invalid_reasons",
        { Workload: null } => "workload",
        { Thresholds: null } => "thresholds",
        { Intervals: null } => "intervals",
        _ => null,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SavedReport))]
internal sealed partial class SavedReportContext : JsonSerializerContext;
