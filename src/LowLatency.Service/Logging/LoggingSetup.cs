using Serilog;
using Serilog.Events;
using Serilog.Sinks.SystemConsole.Themes;

namespace LowLatency.Service.Logging;

/// <summary>Sends the service's log to the console.</summary>
internal static class LoggingSetup
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}";

    // Logs a failed start with its stack, and throws it too: whoever catches it has the one line that a user needs.
    private const string StartReporter = "Microsoft.Extensions.Hosting.Internal.Host";

    internal static IServiceCollection AddServiceLogging(this IServiceCollection services, LogLevels levels)
        => services.AddSerilog(logger =>
        {
            logger.MinimumLevel.Is(levels.Default).Enrich.FromLogContext();
            logger.MinimumLevel.Override(StartReporter, LogEventLevel.Fatal);
            foreach ((string source, LogEventLevel level) in levels.Overrides)
            {
                logger.MinimumLevel.Override(source, level);
            }

            logger.WriteTo.Console(
                outputTemplate: Template,
                formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                theme: Console.IsOutputRedirected ? ConsoleTheme.None : AnsiConsoleTheme.Literate);
        });
}
