using System.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>run</c>: one workload, reported as text, as JSON, or both.</summary>
internal sealed class RunCommand
{
    private readonly RunOptions _options = new();
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private RunCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var run = new RunCommand(terminal, interrupted);
        var command = new Command("run", "Drives one workload and reports it (the default verb)");
        run._options.AddTo(command);
        command.SetAction(run.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        Workload workload = _options.Read(parsed);
        var json = new JsonDestination(parsed.GetValue(_options.Json));
        var plots = new PlotDestination(parsed.GetValue(_options.Html));
        RunResult result = Measure(workload, isQuiet: parsed.GetValue(_options.Quiet));
        Report(result, json, plots, [.. parsed.Tokens.Select(token => token.Value)]);

        if (result.WasInterrupted)
        {
            return ExitCode.Interrupted;
        }

        if (result.Outcomes[Outcome.Ok] == 0)
        {
            _terminal.Error.WriteLine($"loadtest: {workload.Target} answered nothing as expected; --expect tells the tester what to expect");
            return ExitCode.CouldNotRun;
        }

        if (result.Outcomes.Attempted < workload.Requests && workload.Duration is null)
        {
            long missing = workload.Requests.Value - result.Outcomes.Attempted;
            _terminal.Error.WriteLine($"loadtest: {workload.Target} went away; {missing} of {workload.Requests} requests were not made");
            return ExitCode.CouldNotRun;
        }

        return ExitCode.Fine;
    }

    private RunResult Measure(Workload workload, bool isQuiet)
    {
        var progress = new ProgressLine(_terminal.ShowsProgress && !isQuiet ? _terminal.Error : TextWriter.Null);
        using var run = new WorkloadRun(workload);
        try
        {
            return run.Execute(progress.Show, _interrupted);
        }
        finally
        {
            progress.Clear();
        }
    }

    private void Report(RunResult result, JsonDestination json, PlotDestination plots, string[] arguments)
    {
        var document = new Lazy<string>(() => JsonReport.Write([result], MachineEnvironment.Read(arguments)));
        json.Write(() => document.Value, _terminal.Out);
        plots.WriteIfAnywhere(() => document.Value);
        if (!json.IsStandardOutput)
        {
            TextReport.Write(result, _terminal.Out);
        }
    }
}
