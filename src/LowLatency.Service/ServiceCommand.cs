using LowLatency.Service.Configuration;
using LowLatency.Service.Hosting;
using LowLatency.Service.Logging;
using LowLatency.Service.Supervision;
using LowLatency.Transports;

namespace LowLatency.Service;

/// <summary>The command line: reads and checks the configuration, then runs the service or says what is wrong.</summary>
internal static class ServiceCommand
{
    internal static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help") || args.Contains("-h"))
        {
            Console.Write(CommandLine.Help);
            return ExitCodes.Fine;
        }

        if (args.Contains("--version"))
        {
            Console.WriteLine(StartupBanner.Version);
            return ExitCodes.Fine;
        }

        bool checkOnly = args.Contains(CommandLine.CheckConfig);
        string[] settings = [.. args.Where(argument => argument != CommandLine.CheckConfig)];
        if (CommandLine.FindProblem(settings) is string problem)
        {
            return Refuse([problem]);
        }

        IConfigurationRoot configuration;
        try
        {
            configuration = CommandLine.ReadConfiguration(settings);
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            // A file that is no JSON: the inner message has line and position, the outer one the file.
            return Refuse([$"{exception.Message} {exception.InnerException?.Message}".TrimEnd()]);
        }

        var problems = new ConfigurationProblems();
        ServiceOptions options = ServiceOptionsReader.Read(configuration, problems);
        LogLevels levels = LogLevels.Read(configuration, problems);
        if (options.Endpoints.Count == 0 && problems.Lines.Count == 0)
        {
            problems.Add("LowLatency:Endpoints", "there is none; set one, such as LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:8080");
        }

        if (problems.Lines.Count > 0)
        {
            return Refuse(problems.Lines);
        }

        if (checkOnly)
        {
            Console.WriteLine("The configuration is fine.");
            return ExitCodes.Fine;
        }

        PoolTuning.Apply(options);
        InheritedSockets inherited = InheritedSockets.Take(options.Endpoints, problems);
        return problems.Lines.Count > 0 ? Refuse(problems.Lines) : await RunServiceAsync(configuration, options, inherited, levels);
    }

    private static async Task<int> RunServiceAsync(IConfigurationRoot configuration, ServiceOptions options, InheritedSockets inherited, LogLevels levels)
    {
        try
        {
            await ServiceHost.RunAsync(configuration, options, inherited, levels);

            // Zero, unless a transport that could not go on has stopped the service.
            return Environment.ExitCode;
        }
        catch (BindException exception)
        {
            // The sidecar's address is listened on first: where an endpoint has the same, it is the endpoint's that is taken.
            EndpointOptions? endpoint = options.Endpoints.FirstOrDefault(candidate => candidate.Url.EndPoint.ToString() == exception.EndPoint.ToString());
            return Fail($"{endpoint?.Key ?? SidecarUrl.Key}: cannot listen on '{endpoint?.Url.Text ?? $"http://{exception.EndPoint}"}': {exception.Message}");
        }
        catch (TuningException exception)
        {
            return Fail(exception.Message);
        }
    }

    private static int Refuse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.Error.WriteLine(line);
        }

        return ExitCodes.Usage;
    }

    private static int Fail(string line)
    {
        Console.Error.WriteLine(line);
        return ExitCodes.Failed;
    }
}
