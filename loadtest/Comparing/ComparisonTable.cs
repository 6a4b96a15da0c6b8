using System.Globalization;
using LowLatency.LoadTest.Reports;
using Spectre.Console;

namespace LowLatency.LoadTest.Comparing;

/// <summary>A comparison as people read it: a line for each figure, and what it comes to.</summary>
internal static class ComparisonTable
{
    public static void Write(RunComparison comparison, string a, string b, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        writer.WriteLine($"A  {a}, {Runs(comparison.RunsA)}");
        writer.WriteLine($"B  {b}, {Runs(comparison.RunsB)}");
        writer.WriteLine();
        Table table = new Table().Border(TableBorder.None);
        foreach (string title in (string[])["", "A", "B", "B / A", "95 % interval", "B - A", "95 % interval", "p", "B is"])
        {
            table.AddColumn(new TableColumn(title).NoWrap().PadLeft(0).PadRight(2).Alignment(title is "" or "B is" ? Justify.Left : Justify.Right));
        }

        foreach (MetricComparison metric in comparison.Metrics)
        {
            bool isLatency = metric.Metric.IsLatency;
            string colour = metric.Verdict switch { Verdict.Faster => "green", Verdict.Slower => "red", _ => "default" };
            table.AddRow(
                metric.Metric.Name,
                Figure(metric.MedianA, isLatency),
                Figure(metric.MedianB, isLatency),
                Text($"{metric.Ratio:0.000}"),
                Text($"{metric.RatioInterval.Low:0.000}..{metric.RatioInterval.High:0.000}"),
                Signed(metric.Difference, isLatency),
                $"{Signed(metric.DifferenceInterval.Low, isLatency)}..{Signed(metric.DifferenceInterval.High, isLatency)}",
                metric.PValue < 0.0001 ? "<0.0001" : Text($"{metric.PValue:0.0000}"),
                $"[{colour}]{metric.Verdict.Name()}[/]");
        }

        console.Write(table);
        writer.WriteLine();
        writer.WriteLine(Method(comparison));
        writer.WriteLine(comparison.Summary);
    }

    private static string Method(RunComparison comparison)
    {
        string test = comparison.ArePaired ? "Wilcoxon's signed rank test of the rounds' ratios" : "Mann-Whitney test";
        double threshold = comparison.Metrics.Select(metric => metric.ThresholdPercent).FirstOrDefault();
        return Text($"Medians of the runs' figures; p by the exact {test}, corrected for {comparison.Metrics.Count} figures (Holm); intervals by the bootstrap. A difference counts from {threshold:0.###} % on.");
    }

    private static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    private static string Figure(double value, bool isLatency) => isLatency ? LatencyText.Of(value * 1_000) : LatencyText.Count(value);

    private static string Signed(double value, bool isLatency) => $"{(value < 0 ? "-" : "+")}{Figure(Math.Abs(value), isLatency)}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
