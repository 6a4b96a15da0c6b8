using System.CommandLine;
using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>demo</c>: the service and the tester together, and one table.</summary>
internal sealed class DemoCommand
{
    private static readonly TimeSpan DefaultTimePerRow = TimeSpan.FromMilliseconds(1_400);

    private readonly Option<TimeSpan?> _duration = RunOptions.Time("--duration", ["-d"], "How long to measure each row (default 1400ms)");
    private readonly Option<bool> _markdown = new("--markdown") { Description = "Print the table as Markdown" };
    private readonly Option<string> _service = new("--service") { Description = "The service's assembly or native executable (default: the one built beside the tester)", HelpName = "path" };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress while it runs" };
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private DemoCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var demo = new DemoCommand(terminal, interrupted);
        var command = new Command("demo", "Starts the service on free ports, drives every transport, prints one table, stops it")
        {
            demo._duration, demo._markdown, demo._service, demo._quiet,
        };
        command.SetAction(demo.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        TimeSpan timePerRow = parsed.GetValue(_duration) ?? DefaultTimePerRow;
        if (timePerRow == TimeSpan.Zero)
        {
            throw new UsageException($"--duration: 0 is not allowed; allowed: more than that, {DurationText.Allowed}");
        }

        try
        {
            return Execute(parsed, timePerRow);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private int Execute(ParseResult parsed, TimeSpan timePerRow)
    {
        using var endpoints = new DemoEndpoints();
        using var service = ServiceProcess.Start(FindService(parsed.GetValue(_service)), endpoints);
        if (!service.WaitUntilReady(endpoints.Sidecar, _interrupted))
        {
            _terminal.Error.WriteLine("loadtest: the service did not become ready; it said:");
            _terminal.Error.WriteLine(service.Output);
            return ExitCode.CouldNotRun;
        }

        var demo = new DemoRun(endpoints, timePerRow, RunOptions.DefaultIdle);
        IReadOnlyList<RunResult> results = Measure(demo, isQuiet: parsed.GetValue(_quiet));
        Report(results, parsed);
        if (_interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        int bad = results.Count(result => result.Outcomes.Failed > 0 || result.Outcomes[Outcome.Ok] == 0);
        if (bad > 0)
        {
            _terminal.Error.WriteLine($"loadtest: {bad} of {results.Count} rows had failures or no answer at all");
            return ExitCode.CouldNotRun;
        }

        return ExitCode.Fine;
    }

    private static string FindService(string? asked)
    {
        if (asked is not null)
        {
            return File.Exists(asked) ? asked : throw new UsageException($"--service: '{asked}' is not there; allowed: the path of LowLatency.Service.dll or of a native executable");
        }

        string built = ServiceLocation.Built;
        return File.Exists(built) ? built : throw new IOException($"the service has not been built ({built}); build it, or name it by --service");
    }

    private IReadOnlyList<RunResult> Measure(DemoRun demo, bool isQuiet)
    {
        IReadOnlyList<Workload> rows = demo.Workloads;
        var progress = new ProgressLine(_terminal.ShowsProgress && !isQuiet ? _terminal.Error : TextWriter.Null);
        try
        {
            return demo.Execute((row, state) => progress.Show(state, Describe(rows, row)), _interrupted);
        }
        finally
        {
            progress.Clear();
        }
    }

    private void Report(IReadOnlyList<RunResult> results, ParseResult parsed)
    {
        var environment = MachineEnvironment.Read([.. parsed.Tokens.Select(token => token.Value)]);
        if (parsed.GetValue(_markdown))
        {
            DemoTable.WriteMarkdown(results, environment, _terminal.Out);
        }
        else
        {
            DemoTable.Write(results, environment, _terminal.Out);
        }
    }

    private static string Describe(IReadOnlyList<Workload> rows, int row)
        => $"{row + 1}/{rows.Count} {rows[row].Target.Scheme} {rows[row].Mode.Name()} -c {rows[row].Connections}: ";
}
