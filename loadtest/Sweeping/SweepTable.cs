using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Sweeping;

/// <summary>The runs of a sweep, a line each, with the tail as a bar.</summary>
internal static class SweepTable
{
    private const int BarWidth = 24;

    public static void Write(IReadOnlyList<RunResult> results, TextWriter writer)
    {
        IAnsiConsole console = PlainConsole.On(writer);
        Table table = new Table().Border(TableBorder.None);
        string load = results.Any(result => result.Workload.Mode == WorkloadMode.OpenLoop) ? "rate" : "connections";
        foreach (string title in (string[])[load, "requests/s", "p50 us", "p90 us", "p99 us", "p99.9 us", "max us", "failures", "", "p99"])
        {
            bool isText = title is "" or "p99";
            table.AddColumn(new TableColumn(title).NoWrap().PadLeft(0).PadRight(2).Alignment(isText ? Justify.Left : Justify.Right));
        }

        long?[] tails = [.. results.Select(result => result.Latencies.At(Percentile.P99))];
        foreach ((RunResult result, long? tail) in results.Zip(tails))
        {
            table.AddRow(
                LatencyText.Count(LoadOf(result)),
                LatencyText.Count(result.RequestsPerSecond),
                LatencyText.Microseconds(result.Latencies.At(Percentile.P50)),
                LatencyText.Microseconds(result.Latencies.At(Percentile.P90)),
                LatencyText.Microseconds(tail),
                LatencyText.Microseconds(result.Latencies.At(Percentile.P999)),
                LatencyText.Microseconds(result.Latencies.Count > 0 ? result.Latencies.Maximum : null),
                result.Outcomes.Failed > 0 ? $"[red]{LatencyText.Count(result.Outcomes.Failed)}[/]" : "0",
                result.Validity.IsValid ? "" : "[yellow]INVALID[/]",
                Bar(tail, tails));
        }

        console.Write(table);
        foreach (RunResult result in results)
        {
            foreach (string remark in Remarks(result))
            {
                writer.WriteLine($"{load} {LatencyText.Count(LoadOf(result))}: {remark}");
            }
        }
    }

    private static IEnumerable<string> Remarks(RunResult result)
    {
        if (result.WasInterrupted)
        {
            yield return "interrupted: these are the figures so far";
        }

        if (!result.Validity.IsValid)
        {
            yield return string.Join("; ", result.Validity.Reasons);
        }

        string?[] warnings = [.. result.Validity.Warnings, result.Server?.Warning];
        foreach (string warning in warnings.OfType<string>())
        {
            yield return $"warning: {warning}";
        }
    }

    public static double LoadOf(RunResult result) => result.Workload.Rate ?? result.Workload.Connections;

    // Of the logarithm: a tail that is ten times as long is one step up, not the end of the line.
    private static string Bar(long? tail, long?[] tails)
    {
        if (tail is not long nanoseconds || nanoseconds < 1)
        {
            return "";
        }

        double least = Math.Log(Math.Max(1, tails.OfType<long>().Min()));
        double most = Math.Log(Math.Max(1, tails.OfType<long>().Max()));
        double share = most > least ? (Math.Log(nanoseconds) - least) / (most - least) : 0;
        return new string('#', 1 + (int)Math.Round(share * (BarWidth - 1)));
    }
}
