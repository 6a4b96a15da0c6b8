namespace LowLatency.Service.Configuration;

/// <summary>What is wrong with the configuration, a line each.</summary>
internal sealed class ConfigurationProblems
{
    private readonly List<string> _lines = [];

    internal IReadOnlyList<string> Lines => _lines;

    internal void Add(string key, string? value, string allowed) => _lines.Add($"{key}: '{value}' is not allowed; allowed: {allowed}");

    internal void Add(string key, string problem) => _lines.Add($"{key}: {problem}");
}
