using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>Several runs side by side, one row each: for a terminal, or for a README.</summary>
internal static class DemoTable
{
    // Text stands left and figures right, so that the digits line up.
    private static readonly (string Title, bool IsFigure, Func<RunResult, string> Cell)[] Columns =
    [
        ("transport", false, result => result.Workload.Target.Scheme),
        ("mode", false, result => result.Workload.Mode.Name()),
        ("connections", true, result => LatencyText.Count(result.Workload.Connections)),
        ("requests/s", true, result => LatencyText.Count(result.RequestsPerSecond)),
        ("average", true, result => LatencyText.Of(result.Latencies.Count > 0 ? result.Latencies.Mean : null)),
        ("p50", true, result => LatencyText.Of(result.Latencies.At(Percentile.P50))),
        ("p99", true, result => LatencyText.Of(result.Latencies.At(Percentile.P99))),
        ("p99.9", true, result => LatencyText.Of(result.Latencies.At(Percentile.P999))),
        ("max", true, result => LatencyText.Of(result.Latencies.Count > 0 ? result.Latencies.Maximum : null)),
        ("under 1 ms", true, result => LatencyText.Share(result.UnderOneMillisecond)),
        ("failures", true, Failures),
    ];

    public static void Write(IReadOnlyList<RunResult> results, MachineEnvironment environment, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        Table table = new Table().Border(TableBorder.Simple);
        foreach ((string title, bool isFigure, _) in Columns)
        {
            table.AddColumn(new TableColumn(title).NoWrap().Alignment(isFigure ? Justify.Right : Justify.Left));
        }

        foreach (RunResult result in results)
        {
            string colour = result.Outcomes.Failed > 0 ? "red" : "default";
            table.AddRow([.. Columns.Select(column => $"[{colour}]{Markup.Escape(column.Cell(result))}[/]")]);
        }

        console.Write(table);
        console.WriteLine(environment.ToString());
    }

    public static void WriteMarkdown(IReadOnlyList<RunResult> results, MachineEnvironment environment, TextWriter writer)
    {
        writer.WriteLine(MarkdownRow(Columns.Select(column => column.Title)));
        writer.WriteLine(MarkdownRow(Columns.Select(column => column.IsFigure ? "---:" : "---")));
        foreach (RunResult result in results)
        {
            writer.WriteLine(MarkdownRow(Columns.Select(column => column.Cell(result))));
        }

        writer.WriteLine();
        writer.WriteLine(environment);
    }

    private static string MarkdownRow(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Failures(RunResult result) => LatencyText.Count(result.Outcomes.Failed);
}
