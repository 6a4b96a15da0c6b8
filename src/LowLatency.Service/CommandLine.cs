using LowLatency.Service.Configuration;
using LowLatency.Service.Logging;

namespace LowLatency.Service;

/// <summary>What may stand on the command line, and where settings come from.</summary>
internal static class CommandLine
{
    internal const string CheckConfig = "--check-config";

    internal const string Help = """
        LowLatency.Service: answers any message with a fixed reply, in the least time the machine allows.

        Usage: dotnet run -c Release --project src/LowLatency.Service -- [options]

          --LowLatency:KEY=VALUE   sets what appsettings.json sets, for example
                                   --LowLatency:Response=pong
                                   --LowLatency:Framing=Line              (None, Line, LengthPrefix)
                                   --LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:9000    ("" for none)
                                   --LowLatency:Sidecar:Url=http://127.0.0.1:9465         ("" for none)
          --Serilog:MinimumLevel=Debug   how much is logged
          --check-config           says what is wrong with the configuration, and exits
          --version                prints the version, and exits
          --help                   prints this, and exits

        Environment variables do the same: LowLatency__Response=pong. The command line wins, then the
        environment, then appsettings.json beside the program. README.md has the table of all keys.

        Exit codes: 0 stopped as asked, 1 could not start or go on, 2 wrong command line or configuration,
        130 or 143 stopped at once by a second SIGINT or SIGTERM.

        """;

    private static readonly string[] Sections = [ServiceOptionsReader.Section, LogLevels.Section];

    /// <summary>The first argument that is no setting, in words; <c>null</c> when all are.</summary>
    internal static string? FindProblem(string[] args)
    {
        for (int index = 0; index < args.Length; index++)
        {
            string argument = args[index];
            bool known = argument.StartsWith("--", StringComparison.Ordinal)
                && Sections.Any(section => argument.AsSpan(2).StartsWith(section + ":", StringComparison.OrdinalIgnoreCase));
            if (!known)
            {
                return $"'{ConfigurationProblems.OneLine(argument)}': no such option; allowed: --LowLatency:KEY=VALUE, --Serilog:KEY=VALUE, {CheckConfig}, --version, --help";
            }

            // "--key value" takes the next argument along.
            if (!argument.Contains('=') && ++index == args.Length)
            {
                return ConfigurationProblems.OneLine($"'{argument}': a value is missing; allowed: {argument}=VALUE");
            }
        }

        return null;
    }

    /// <summary>Reads appsettings.json beside the program, then the environment, then the command line: the last one wins.</summary>
    internal static IConfigurationRoot ReadConfiguration(string[] args) => new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
        .AddEnvironmentVariables()
        .AddCommandLine(args)
        .Build();
}
