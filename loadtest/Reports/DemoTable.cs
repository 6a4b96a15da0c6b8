using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>Several runs side by side, one row each: for a terminal, or for a README.</summary>
internal static class DemoTable
{
    // One unit for all latencies, so that rows can be compared at a glance. Text stands left and figures right.
    private static readonly Column[] Figures =
    [
        new("requests/s", result => LatencyText.Count(result.RequestsPerSecond)),
        new("average us", result => LatencyText.Microseconds(result.Latencies.Count > 0 ? result.Latencies.Mean : null)),
        new("p50 us", result => LatencyText.Microseconds(result.Latencies.At(Percentile.P50))),
        new("p99 us", result => LatencyText.Microseconds(result.Latencies.At(Percentile.P99))),
        new("p99.9 us", result => LatencyText.Microseconds(result.Latencies.At(Percentile.P999))),
        new("max us", result => LatencyText.Microseconds(result.Latencies.Count > 0 ? result.Latencies.Maximum : null)),
        new("under 1 ms", result => LatencyText.ShortShare(result.UnderOneMillisecond)),
        new("failures", result => LatencyText.Count(result.Outcomes.Failed)),
    ];

    private static readonly Column[] Columns =
    [
        new("transport", result => result.Workload.Target.Scheme, IsFigure: false),
        new("mode", result => result.Workload.Mode.Name(), IsFigure: false),
        new("connections", result => LatencyText.Count(result.Workload.Connections)),
        .. Figures,
    ];

    // The same for a terminal of 80 columns.
    private static readonly Column[] NarrowColumns = [new("", NarrowName, IsFigure: false), .. Figures];

    public static void Write(IReadOnlyList<RunResult> results, MachineEnvironment environment, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        Column[] columns = console.Profile.Width >= Width(Columns, results) ? Columns : NarrowColumns;
        Table table = new Table().Border(TableBorder.None);
        foreach (Column column in columns)
        {
            bool isLast = column == columns[^1];
            string title = columns == Columns ? column.Title : column.TitleInTwoLines;
            table.AddColumn(new TableColumn(title).NoWrap().PadLeft(0).PadRight(isLast ? 0 : Gap(columns)).Alignment(column.IsFigure ? Justify.Right : Justify.Left));
        }

        foreach (RunResult result in results)
        {
            string colour = result.Outcomes.Failed > 0 ? "red" : "default";
            table.AddRow([.. columns.Select(column => $"[{colour}]{Markup.Escape(column.Cell(result))}[/]")]);
        }

        console.Write(table);
        console.WriteLine();
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

    private static int Width(Column[] columns, IReadOnlyList<RunResult> results)
        => columns.Sum(column => results.Select(column.Cell).Append(column.Title).Max(text => text.Length) + Gap(columns));

    private static int Gap(Column[] columns) => columns == Columns ? 3 : 1;

    private static string NarrowName(RunResult result)
    {
        string connections = result.Workload.Connections == 1 ? "" : $" x{result.Workload.Connections}";
        return $"{result.Workload.Target.Scheme} {result.Workload.Mode.Name()}{connections}";
    }

    private sealed record Column(string Title, Func<RunResult, string> Cell, bool IsFigure = true)
    {
        public string TitleInTwoLines
        {
            get
            {
                int end = Title.IndexOfAny([' ', '/']);
                return end < 0 ? Title : $"{Title[..end]}\n{Title[end..].TrimStart()}";
            }
        }
    }
}
