using LowLatency.Service.Configuration;
using Serilog.Events;

namespace LowLatency.Service.Logging;

/// <summary><c>Serilog:MinimumLevel</c>: how much is logged, in all and by source.</summary>
/// <remarks>Read here because Serilog's own configuration reader is reflective, and so does not survive native compilation.</remarks>
internal sealed record LogLevels(LogEventLevel Default, IReadOnlyDictionary<string, LogEventLevel> Overrides)
{
    internal const string Section = "Serilog";

    internal static LogLevels Read(IConfiguration configuration, ConfigurationProblems problems)
    {
        // Both forms that Serilog's users know: the level itself, or a section with Default and Override.
        var root = new SectionReader(configuration.GetSection(Section), problems);
        SectionReader level = root.Section("MinimumLevel");
        SectionReader overrides = level.Section("Override");
        var levels = new LogLevels(
            level.OwnChoice(level.Choice("Default", LogEventLevel.Information)),
            overrides.Children.ToDictionary(child => child.Key, child => overrides.Choice(child.Key, LogEventLevel.Warning)));
        overrides.RefuseValue("levels below it by source, such as Serilog:MinimumLevel:Override:Microsoft");
        level.RefuseUnknownKeys();
        root.RefuseUnknownKeys();
        return levels;
    }
}
