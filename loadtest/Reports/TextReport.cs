using System.Globalization;
using System.Runtime.InteropServices;
using LowLatency.Linux;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Thresholds;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>A run as people read it.</summary>
internal static class TextReport
{
    public static void Write(RunResult result, MachineEnvironment environment, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        WriteHead(console, result);
        console.WriteLine();
        console.Write(Summary(result));
        console.WriteLine();
        console.Write(LatencyTable.Of(result));
        console.WriteLine();
        LatencyBars.Write(console, result.Latencies);
        console.WriteLine();
        console.Write(Outcomes(result));
        if (result.Latencies.OutOfRange > 0)
        {
            console.WriteLine($"{LatencyText.Count(result.Latencies.OutOfRange)} latencies were beyond the histogram's range and count as its greatest value in the percentiles.");
        }

        WriteServer(console, result.Server);
        WriteVerdicts(console, result.Verdicts);
        WriteEnvironment(console, result.Workload, environment);
        WriteValidity(console, result.Validity);
    }

    private static void WriteHead(IAnsiConsole console, RunResult result)
    {
        Workload workload = result.Workload;
        string label = workload.Label is null ? "" : $"  ({workload.Label})";
        console.MarkupLine($"[bold]{Markup.Escape(workload.Target.Text + label)}[/]");
        string rate = workload.Rate is double requestsPerSecond
            ? string.Create(CultureInfo.InvariantCulture, $" at {requestsPerSecond:#,0.###} requests/s ({workload.Arrivals.ToString().ToLowerInvariant()} arrivals)")
            : "";
        string pipeline = workload.Mode == WorkloadMode.Pipelined ? $" of {workload.Pipeline}" : "";
        string notAll = result.Established == workload.Connections ? "" : $" ({result.Established} established)";
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{workload.Mode.Name()}{rate}{pipeline}, {Plural(workload.Connections, "connection")}{notAll}, {Plural(workload.Threads, "thread")}, {result.Elapsed.TotalSeconds:F2} s after {workload.WarmUp.TotalSeconds:0.###} s of warm-up (discarded)"));
        if (result.WasInterrupted)
        {
            console.MarkupLine("[yellow]interrupted: these are the figures so far[/]");
        }

        WriteValidity(console, result.Validity);
    }

    // Above the figures and below them: whoever reads one of both ends must not miss it.
    private static void WriteValidity(IAnsiConsole console, RunValidity validity)
    {
        foreach (string reason in validity.Reasons)
        {
            console.MarkupLine($"[bold white on red]INVALID[/] [red]{Markup.Escape(reason)}[/]");
        }

        foreach (string warning in validity.Warnings)
        {
            console.MarkupLine($"[yellow]warning: {Markup.Escape(warning)}[/]");
        }
    }

    private static Grid Summary(RunResult result)
    {
        LatencyRecorder latencies = result.Latencies;
        bool hasAny = latencies.Count > 0;
        Grid grid = TwoColumns();
        grid.AddRow("average", LatencyText.Of(hasAny ? latencies.Mean : null));
        grid.AddRow("minimum", LatencyText.Of(hasAny ? latencies.Minimum : null));
        grid.AddRow("maximum", LatencyText.Of(hasAny ? latencies.Maximum : null));
        AddHiccups(grid, result);
        grid.AddRow("under 1 ms", LatencyText.Share(result.UnderOneMillisecond));
        string achieved = result.AchievedShare is double share ? $"  ({LatencyText.Share(share)} of the rate asked for)" : "";
        grid.AddRow("throughput", $"{LatencyText.Count(result.RequestsPerSecond)} requests/s{achieved}");
        return grid;
    }

    // Beside the maximum, so that the machine's stalls are not taken for the service's.
    private static void AddHiccups(Grid grid, RunResult result)
    {
        if (result.Hiccups is not HiccupRecord hiccups)
        {
            return;
        }

        LatencyRecorder total = hiccups.Total;
        grid.AddRow("hiccups", total.Count == 0
            ? $"none of {LatencyText.Of(hiccups.Least)} or more"
            : $"{LatencyText.Count(total.Count)} of {LatencyText.Of(hiccups.Least)} or more, the longest {LatencyText.Of(total.Maximum)}: times in which the machine did not run the tester");
        if (hiccups.ShareOfTail(result.Latencies, Percentile.P999) is double share)
        {
            grid.AddRow("", $"{LatencyText.Share(share)} of the requests beyond p99.9 met one");
        }
    }

    private static Grid Outcomes(RunResult result)
    {
        Grid grid = TwoColumns();
        grid.AddRow("attempted", LatencyText.Count(result.Outcomes.Attempted));
        grid.AddRow("ok", LatencyText.Count(result.Outcomes[Outcome.Ok]));
        foreach (Outcome outcome in Enum.GetValues<Outcome>().Where(outcome => outcome != Outcome.Ok && result.Outcomes[outcome] > 0))
        {
            Errno reason = result.Outcomes.FirstReason(outcome);
            string why = reason == Errno.None ? "" : $"  (first: {Marshal.GetPInvokeErrorMessage((int)reason)})";
            grid.AddRow($"[red]{outcome.Name()}[/]", $"[red]{LatencyText.Count(result.Outcomes[outcome])}{Markup.Escape(why)}[/]");
        }

        return grid;
    }

    private static void WriteServer(IAnsiConsole console, ServerSideRecord? server)
    {
        if (server is null)
        {
            return;
        }

        console.WriteLine();
        if (server.Requests is long requests)
        {
            Grid grid = TwoColumns();
            grid.AddRow("server counted", $"{LatencyText.Count(requests)} requests with the warm-up{(server.Agrees ? ", as the tester did" : "")}");
            if (server.ElsewhereMean is double elsewhere)
            {
                string sample = server.IsOfTransport ? "" : $", of {LatencyText.Count(server.Timed)} timed";
                grid.AddRow("server's time", $"{LatencyText.Of(server.ServerMean)} on average{sample}");
                grid.AddRow("elsewhere", $"{LatencyText.Of(elsewhere)} on average: the network stack and waiting");
            }

            console.Write(grid);
        }

        if (server.Warning is string warning)
        {
            console.MarkupLine($"[yellow]warning: {Markup.Escape(warning)}[/]");
        }
    }

    private static void WriteVerdicts(IAnsiConsole console, IReadOnlyList<ThresholdVerdict> verdicts)
    {
        if (verdicts.Count == 0)
        {
            return;
        }

        console.WriteLine();
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(1)).AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn().NoWrap());
        foreach (ThresholdVerdict verdict in verdicts)
        {
            grid.AddRow(
                verdict.IsHeld ? "[green]✓[/]" : "[red]✗[/]",
                Markup.Escape(verdict.Threshold.Text),
                $"[{(verdict.IsHeld ? "default" : "red")}]{Markup.Escape(verdict.Explanation)}[/]");
        }

        console.Write(grid);
    }

    private static void WriteEnvironment(IAnsiConsole console, Workload workload, MachineEnvironment environment)
    {
        console.WriteLine();
        Grid grid = TwoColumns();
        grid.AddRow("[grey]payload[/]", $"[grey]request {workload.Request.Length} B, reply {workload.Expect.Length} B, framing {workload.Framing.ToString().ToLowerInvariant()}[/]");
        foreach ((string name, string value) in environment.Lines)
        {
            grid.AddRow($"[grey]{name}[/]", $"[grey]{Markup.Escape(value)}[/]");
        }

        console.Write(grid);
    }

    private static Grid TwoColumns()
        => new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(3)).AddColumn(new GridColumn());

    private static string Plural(int count, string noun) => count == 1 ? $"1 {noun}" : $"{LatencyText.Count(count)} {noun}s";
}
