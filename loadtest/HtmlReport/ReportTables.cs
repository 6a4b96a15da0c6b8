using System.Globalization;
using System.Text.Json;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>The figures of a report: each run a column.</summary>
internal static class ReportTables
{
    private const string Ok = "ok";
    private const string Attempted = "attempted";

    private static readonly (string Name, string Key)[] Figures =
    [
        ("minimum", "min"), ("average", "mean"), ("p50", "p50"), ("p90", "p90"), ("p99", "p99"),
        ("p99.9", "p99_9"), ("p99.99", "p99_99"), ("maximum", "max"),
    ];

    public static string Latencies(IReadOnlyList<ReportRun> runs)
    {
        var table = new ReportTable("Latencies", [.. runs.Select(run => run.Name)]);
        table.Row("requests/s", runs.Select(run => PlotText.Count(run.Run.RequestsPerSecond)));
        if (runs.Any(run => run.Run.Rate is not null))
        {
            table.Row("scheduled/s", runs.Select(run => run.Run.Rate is double rate ? PlotText.Count(rate) : LatencyText.Unknown));
        }

        foreach ((string name, string key) in Figures)
        {
            table.Row(name, runs.Select(run => PlotText.Latency(run.Run.LatencyMicroseconds.GetValueOrDefault(key))));
        }

        table.Row("under 1 ms", runs.Select(run => LatencyText.Share(run.Run.UnderOneMillisecond)));
        if (runs.Any(run => run.ServiceTimes is not null))
        {
            foreach ((string name, string key) in Figures.Where(figure => figure.Key is "p50" or "p99" or "max"))
            {
                table.Row($"service time, {name}", runs.Select(run => PlotText.Latency(run.Run.ServiceMicroseconds.GetValueOrDefault(key))));
            }
        }

        if (runs.Any(run => run.Run.HiccupMicroseconds.Count > 0))
        {
            table.Row("longest hiccup", runs.Select(run => PlotText.Latency(run.Run.HiccupMicroseconds.GetValueOrDefault("max"))));
        }

        return table.ToElement();
    }

    public static string Outcomes(IReadOnlyList<ReportRun> runs)
    {
        var table = new ReportTable("Outcomes", [.. runs.Select(run => run.Name)]);
        IEnumerable<string> names = runs.SelectMany(run => run.Run.Outcomes.Keys).Distinct();
        foreach (string name in names.Where(name => name is Ok or Attempted || runs.Any(run => run.Run.Outcomes.GetValueOrDefault(name) > 0)))
        {
            bool isFailure = name is not (Ok or Attempted);
            table.Row(
                name.Replace('_', ' '),
                runs.Select(run => PlotText.Count(run.Run.Outcomes.GetValueOrDefault(name))),
                count => isFailure && count != "0" ? "bad" : "");
        }

        table.Row("valid", runs.Select(run => run.Run.IsValid ? "yes" : "NO"), cell => cell == "NO" ? "bad" : "good");
        return table.ToElement();
    }

    public static string Workloads(IReadOnlyList<ReportRun> runs)
    {
        var table = new ReportTable("Workloads", [.. runs.Select(run => run.Name)]);
        table.Row("target", runs.Select(run => run.Run.Target));
        table.Row("mode", runs.Select(run => run.Run.Mode));
        table.Row("connections", runs.Select(run => ConnectionsOf(run.Run)));
        table.Row("threads", runs.Select(run => PlotText.Count(run.Run.Threads)));
        table.Row("measured", runs.Select(run => Seconds(run.Run.DurationSeconds) + (run.Run.Interrupted ? ", interrupted" : "")));
        table.Row("warm-up, discarded", runs.Select(run => Seconds(run.Run.WarmUpSeconds)));
        return table.ToElement("machine");
    }

    public static string Environment(SavedReport report)
    {
        var table = new ReportTable("Environment", []);
        foreach ((string name, JsonElement value) in report.Environment)
        {
            table.Row(name.Replace('_', ' '), [value.ToString()]);
        }

        return table.ToElement("machine");
    }

    private static string ConnectionsOf(SavedRun run)
        => run.Connections.Established == run.Connections.Requested || run.Mode == "per-connection"
            ? PlotText.Count(run.Connections.Requested)
            : $"{PlotText.Count(run.Connections.Requested)} ({PlotText.Count(run.Connections.Established)} established)";

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s");
}
