using LowLatency.Service.Configuration;
using Serilog.Events;

namespace LowLatency.Service.Logging;

/// <summary><c>Serilog:MinimumLevel</c>: how much is logged, in all and by source.</summary>
/// <remarks>Read here because Serilog's own configuration reader is reflective, and so does not survive native compilation.</remarks>
internal sealed record LogLevels(LogEventLevel Default, IReadOnlyDictionary<string, LogEventLevel> Overrides)
{
    private const string Section = "Serilog:MinimumLevel";

    internal static LogLevels Read(IConfiguration configuration, ConfigurationProblems problems)
    {
        // Both forms that Serilog's users know: the level itself, or a section with Default and Override.
        IConfigurationSection section = configuration.GetSection(Section);
        string key = section.Value is null ? $"{Section}:Default" : Section;
        return new LogLevels(
            Level(key, section.Value ?? section["Default"], LogEventLevel.Information, problems),
            section.GetSection("Override").GetChildren().ToDictionary(
                child => child.Key, child => Level(child.Path, child.Value, LogEventLevel.Warning, problems)));
    }

    private static LogEventLevel Level(string key, string? value, LogEventLevel otherwise, ConfigurationProblems problems)
    {
        if (string.IsNullOrEmpty(value))
        {
            return otherwise;
        }

        if (Enum.TryParse(value, ignoreCase: true, out LogEventLevel level) && Enum.IsDefined(level))
        {
            return level;
        }

        problems.Add(key, value, string.Join(", ", Enum.GetNames<LogEventLevel>()));
        return otherwise;
    }
}
