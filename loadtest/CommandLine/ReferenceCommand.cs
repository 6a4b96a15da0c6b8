using System.CommandLine;
using LowLatency.LoadTest.Baselines;
using LowLatency.LoadTest.Baselines.Servers;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>reference</c>: the service beside the C programs and Kestrel's default transport, as ratios.</summary>
internal sealed class ReferenceCommand
{
    private const string Description = """
        The service against C programs and Kestrel's default transport, interleaved, as ratios

        Every round measures each server under each load with the same client, and a figure is the median of its rounds.
        Every server sees the machine as it is when it starts; then all of its threads are bound to the server's CPU, so that
        nothing of any of them runs on the client's. They stay alive and are stopped (SIGSTOP) while another one is measured.
        """;

    private readonly ReferenceOptions _options = new();
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private ReferenceCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var reference = new ReferenceCommand(terminal, interrupted);
        var command = new Command("reference", Description);
        reference._options.AddTo(command);
        command.SetAction(reference.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        IReadOnlyList<Row> rows = _options.RowsOf(parsed);
        CpuPlan cpus = OperatingSystem.IsLinux() ? _options.Cpus(parsed) : throw new IOException("the C programs need Linux");
        JsonDestination json = _options.Json(parsed);
        ReferenceRun[] runs = [.. rows.Where(row => WhyNot(row) is null)
            .GroupBy(row => row.Slices)
            .Select(same => new ReferenceRun(
                [.. same], _options.Rounds(parsed) * same.Key, _options.Duration(parsed) / same.Key, _options.WarmUp(parsed) / same.Key))];
        IReadOnlyList<RowResult> measured;
        try
        {
            measured = Measure(runs, parsed, cpus);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }

        RowResult[] results = [.. rows.Select(row => measured.FirstOrDefault(result => result.Row == row) ?? RowResult.SkippedFor(row, WhyNot(row)!))];
        Report(results, json, parsed, cpus);
        return _interrupted.IsCancellationRequested ? ExitCode.Interrupted : Judge(results, parsed.GetValue(_options.Check));
    }

    private int Judge(RowResult[] results, bool check)
    {
        RowResult[] incomplete = [.. results.Where(result => result.IsIncomplete)];
        foreach (RowResult result in incomplete)
        {
            _terminal.Error.WriteLine($"loadtest: {result.Row.Name}: a round had too few good answers for this figure");
        }

        bool hasMissed = results.SelectMany(result => result.Comparisons).Any(comparison => comparison.IsHeld == false);
        return incomplete.Length > 0 ? ExitCode.CouldNotRun
            : hasMissed && check ? ExitCode.ThresholdMissed
            : ExitCode.Fine;
    }

    private IReadOnlyList<RowResult> Measure(ReferenceRun[] runs, ParseResult parsed, CpuPlan cpus)
    {
        string service = _options.Service(parsed);
        using var programs = CPrograms.Build(_options.Sources(parsed));
        var progress = new ProgressLine(_terminal.ShowsProgress && !parsed.GetValue(_options.Quiet) ? _terminal.Error : TextWriter.Null);
        try
        {
            using var fleet = Fleet.Start(
                runs.SelectMany(run => run.Servers),
                endpoints => new LaunchSite(endpoints, cpus, service, programs.Folder),
                server => progress.Show($"starting {server}"),
                _interrupted);
            var measurement = new CellMeasurement(cpus, RunOptions.DefaultIdle, programs.Folder);
            return [.. runs.SelectMany(run => run.Execute(fleet, measurement, progress.Show, _interrupted))];
        }
        finally
        {
            progress.Clear();
        }
    }

    private void Report(RowResult[] results, JsonDestination json, ParseResult parsed, CpuPlan cpus)
    {
        var environment = MachineEnvironment.Read([.. parsed.Tokens.Select(token => token.Value)]);
        json.Write(() => ReferenceDocument.Write(results, _options.Duration(parsed), _options.WarmUp(parsed), cpus, environment), _terminal.Out);
        if (json.IsStandardOutput)
        {
            return;
        }

        if (parsed.GetValue(_options.Markdown))
        {
            ReferenceTable.WriteMarkdown(results, environment, _terminal.Out);
        }
        else
        {
            ReferenceTable.Write(results, environment, _terminal.Out);
        }
    }

    private static string? WhyNot(Row row)
        => row.Cells.Select(cell => IdleConnections.WhyNot(cell.Load.IdleConnections)).FirstOrDefault(reason => reason is not null);
}
