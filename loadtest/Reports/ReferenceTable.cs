using System.Globalization;
using LowLatency.LoadTest.Baselines;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>Rows and their yardsticks, one line for each pair: for a terminal, or for a README.</summary>
internal static class ReferenceTable
{
    private static readonly Column[] Columns =
    [
        new("figure", IsFigure: false),
        new("measured", IsFigure: false),
        new("", IsFigure: true),
        new("against", IsFigure: false),
        new("", IsFigure: true),
        new("ratio", IsFigure: true),
        new("rounds", IsFigure: false),
        new("bar", IsFigure: false),
    ];

    public static void Write(IReadOnlyList<RowResult> results, MachineEnvironment environment, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        bool hasColours = console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;
        Table table = new Table().Border(TableBorder.None);
        foreach (Column column in Columns)
        {
            table.AddColumn(new TableColumn(column.Title).NoWrap().PadLeft(0).PadRight(column == Columns[^1] ? 0 : 2).Alignment(column.IsFigure ? Justify.Right : Justify.Left));
        }

        foreach ((string[] cells, bool? isHeld) in results.SelectMany(Lines))
        {
            string colour = isHeld switch { true => "green", false => "red", null => "default" };
            string verdict = hasColours ? Verdict(isHeld, "✓", "✗") : Verdict(isHeld);
            table.AddRow([.. cells[..^1].Select(Markup.Escape), $"[{colour}]{Markup.Escape($"{cells[^1]} {verdict}".Trim())}[/]"]);
        }

        console.Write(table);
        WriteNotes(results, writer);
        writer.WriteLine();
        writer.WriteLine(environment);
    }

    public static void WriteMarkdown(IReadOnlyList<RowResult> results, MachineEnvironment environment, TextWriter writer)
    {
        writer.WriteLine(MarkdownRow(Columns.Select(column => column.Title)));
        writer.WriteLine(MarkdownRow(Columns.Select(column => column.IsFigure ? "---:" : "---")));
        foreach ((string[] cells, bool? isHeld) in results.SelectMany(Lines))
        {
            writer.WriteLine(MarkdownRow([.. cells[..^1], $"{cells[^1]} {Verdict(isHeld)}".Trim()]));
        }

        WriteNotes(results, writer);
        writer.WriteLine();
        writer.WriteLine(environment);
    }

    private static IEnumerable<(string[] Cells, bool? IsHeld)> Lines(RowResult result)
    {
        Figure figure = result.Row.Figure;
        bool isFirst = true;
        foreach (Comparison comparison in result.Comparisons)
        {
            yield return (
                [
                    isFirst ? result.Row.Title : "",
                    isFirst ? result.Row.Subject.Server.Title : "",
                    isFirst ? figure.Describe(result.Median) : "",
                    Against(result.Row, comparison.Yardstick),
                    (comparison.Yardstick.Figure ?? figure).Describe(comparison.Median),
                    Ratio(comparison.Ratio),
                    comparison.Least is null ? "" : $"{Ratio(comparison.Least)}..{Ratio(comparison.Greatest)}",
                    comparison.Yardstick.Bar?.ToString() ?? "",
                ],
                comparison.IsHeld);
            isFirst = false;
        }
    }

    // The same server under another load is told apart by the load.
    private static string Against(Row row, Yardstick yardstick)
        => yardstick.Figure == Figure.MostReplies ? "the fastest"
            : yardstick.Cell.Server == row.Subject.Server ? "alone"
            : yardstick.Cell.Server.Title;

    private static void WriteNotes(IReadOnlyList<RowResult> results, TextWriter writer)
    {
        foreach (RowResult result in results.Where(result => result.Skipped is not null))
        {
            writer.WriteLine($"{result.Row.Title}: not measured: {result.Skipped}");
        }

        foreach (RowResult result in results.Where(result => result.Failures > 0))
        {
            writer.WriteLine($"{result.Row.Title}: {LatencyText.Count(result.Failures)} requests failed; their latencies count nowhere");
        }
    }

    private static string Verdict(bool? isHeld, string held = "ok", string missed = "MISSED")
        => isHeld switch { true => held, false => missed, null => "" };

    // A digit more than bars have, so that a bar that is just missed shows why.
    private static string Ratio(double? ratio) => ratio?.ToString("0.000", CultureInfo.InvariantCulture) ?? LatencyText.Unknown;

    private static string MarkdownRow(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private sealed record Column(string Title, bool IsFigure);
}
