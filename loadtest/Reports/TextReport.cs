using System.Globalization;
using System.Runtime.InteropServices;
using LowLatency.Linux;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>A run as people read it.</summary>
internal static class TextReport
{
    private static readonly (string Name, Percentile Percentile)[] Percentiles =
    [
        ("p50", Percentile.P50), ("p90", Percentile.P90), ("p99", Percentile.P99),
        ("p99.9", Percentile.P999), ("p99.99", Percentile.P9999),
    ];

    public static void Write(RunResult result, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        WriteHead(console, result);
        console.WriteLine();
        console.Write(Summary(result));
        console.WriteLine();
        console.Write(Percentages(result));
        console.WriteLine();
        console.Write(Outcomes(result));
        if (result.Latencies.OutOfRange > 0)
        {
            console.WriteLine($"{LatencyText.Count(result.Latencies.OutOfRange)} latencies were beyond the histogram's range and count as its greatest value in the percentiles.");
        }
    }

    private static void WriteHead(IAnsiConsole console, RunResult result)
    {
        Workload workload = result.Workload;
        string label = workload.Label is null ? "" : $"  ({workload.Label})";
        console.MarkupLine($"[bold]{Markup.Escape(workload.Target.Text + label)}[/]");
        string notAll = result.Established == workload.Connections ? "" : $" ({result.Established} established)";
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{workload.Mode.Name()}, {Plural(workload.Connections, "connection")}{notAll}, {Plural(workload.Threads, "thread")}, {result.Elapsed.TotalSeconds:F2} s after {workload.WarmUp.TotalSeconds:0.###} s of warm-up (discarded)"));
        if (result.WasInterrupted)
        {
            console.MarkupLine("[yellow]interrupted: these are the figures so far[/]");
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
        grid.AddRow("under 1 ms", LatencyText.Share(result.UnderOneMillisecond));
        grid.AddRow("throughput", $"{LatencyText.Count(result.RequestsPerSecond)} requests/s");
        return grid;
    }

    private static Grid Percentages(RunResult result)
    {
        Grid grid = TwoColumns();
        foreach ((string name, Percentile percentile) in Percentiles)
        {
            grid.AddRow(name, LatencyText.Of(result.Latencies.At(percentile)));
        }

        return grid;
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

    private static Grid TwoColumns()
        => new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(3)).AddColumn(new GridColumn().NoWrap());

    private static string Plural(int count, string noun) => count == 1 ? $"1 {noun}" : $"{LatencyText.Count(count)} {noun}s";
}
