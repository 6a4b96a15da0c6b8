using System.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Sweeping;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>sweep</c>: latency against load, a run for each.</summary>
internal sealed class SweepCommand
{
    private const string Description = """
        Latency against load: a run for each rate (an open loop) or each number of connections (a closed one)

        A rate that the target cannot take is part of the picture: such a run is marked INVALID, and the sweep goes on.

          loadtest sweep --rates 10k:100k:10k --html sweep.html
          loadtest sweep --connections 1:64:x2
        """;

    private readonly RunOptions _options = new();
    private readonly SeriesOptions _series = new();
    private readonly Option<long[]> _rates = Range("--rates", "-R", "Requests a second: an open loop at each of them");
    private readonly Option<long[]> _connections = Range("--connections", "-c", "Connections: a closed loop over each number of them, or one number for all rates");
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private SweepCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var sweep = new SweepCommand(terminal, interrupted);
        var command = new Command("sweep", Description);
        sweep._options.Duration.Description = "How long each run measures (default 10s)";
        sweep._options.AddTo(command, without: RunParts.Load | RunParts.Output);
        sweep._series.AddTo(command);
        command.Options.Add(sweep._rates);
        command.Options.Add(sweep._connections);
        command.SetAction(sweep.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        Workload[] workloads = Workloads(parsed);
        SeriesOutputs outputs = _series.Outputs(parsed);
        RunSeries series = Measure(workloads, parsed);
        IReadOnlyList<RunResult> results = series.Results;
        outputs.Write(results, MachineEnvironment.Read([.. parsed.Tokens.Select(token => token.Value)]), _terminal.Out);
        if (!outputs.Json.IsStandardOutput)
        {
            SweepTable.Write(results, _terminal.Out);
        }

        if (_interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        if (series.Failure is string failure)
        {
            _terminal.Error.WriteLine($"loadtest: after {results.Count} of {workloads.Length} runs: {failure}");
            return ExitCode.CouldNotRun;
        }

        if (results.All(result => result.Outcomes[Outcome.Ok] == 0))
        {
            _terminal.Error.WriteLine($"loadtest: {workloads[0].Target} answered nothing as expected; --expect tells the tester what to expect");
            return ExitCode.CouldNotRun;
        }

        return ExitCode.Fine;
    }

    private Workload[] Workloads(ParseResult parsed)
    {
        long[] rates = parsed.GetValue(_rates) ?? [];
        long[] connections = parsed.GetValue(_connections) ?? [];
        return (rates.Length, connections.Length) switch
        {
            (0, < 2) => throw new UsageException($"--rates: missing, and --connections is no range; allowed: one of them as {LoadRange.Allowed}"),
            ( > 0, > 1) => throw new UsageException("--connections: a range is not allowed with --rates; allowed: one number"),
            ( > 0, _) => [.. rates.Select(rate => _options.Read(parsed, new Load(connections is [long all] ? all : null, rate)))],
            _ => [.. connections.Select(count => _options.Read(parsed, new Load(count, null)))],
        };
    }

    private RunSeries Measure(Workload[] workloads, ParseResult parsed)
    {
        var series = new RunSeries(new WorkloadRunner(_terminal, _series.IsQuiet(parsed), thresholds: [], _interrupted));
        foreach (Workload workload in workloads)
        {
            if (series.TryRun(workload, _series.SidecarFor(parsed, workload), $"{series.Results.Count + 1}/{workloads.Length}") is null)
            {
                break;
            }
        }

        return series;
    }

    private static Option<long[]> Range(string name, string alias, string description)
        => ParsedOption.Create<long[]>(name, [alias], description, "range", LoadRange.Allowed, (string text, out long[] loads) =>
        {
            bool isRange = LoadRange.TryParse(text, out long[]? parsed);
            loads = parsed ?? [];
            return isRange;
        });
}
