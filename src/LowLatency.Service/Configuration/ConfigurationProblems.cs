namespace LowLatency.Service.Configuration;

/// <summary>What is wrong with the configuration, a line each.</summary>
internal sealed class ConfigurationProblems
{
    private readonly List<string> _lines = [];

    internal IReadOnlyList<string> Lines => _lines;

    internal void Add(string key, string? value, string allowed) => Add(key, $"'{value}' is not allowed; allowed: {allowed}");

    internal void Add(string key, string problem) => _lines.Add(OneLine($"{key}: {problem}"));

    /// <summary>A text in which control characters are shown by their numbers: whatever stands in a value, its problem stays on its line.</summary>
    internal static string OneLine(string text)
        => string.Concat(text.Select(character => char.IsControl(character) ? FormattableString.Invariant($"\\u{(int)character:X4}") : character.ToString()));
}
