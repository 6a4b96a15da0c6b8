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
    private const string Held = "✓ held";
    private const string Missed = "✗ missed";

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
        Part(table, runs, "service time", run => run.ServiceTimes is null ? null : run.Run.ServiceMicroseconds);
        Part(table, runs, "send lag", run => run.Run.SendLagMicroseconds);
        Part(table, runs, "tester's lateness", run => run.Run.LatenessMicroseconds);
        Part(table, runs, "connect", run => run.Run.ConnectMicroseconds);
        Part(table, runs, "first byte", run => run.Run.FirstByteMicroseconds);
        Part(table, runs, "hiccup", run => run.Run.HiccupMicroseconds, ["max"]);
        return table.ToElement();
    }

    // A part of the latency, or what stands beside it: three figures of it are enough to see whether it matters.
    private static void Part(
        ReportTable table, IReadOnlyList<ReportRun> runs, string title, Func<ReportRun, IReadOnlyDictionary<string, double?>?> part, params string[] keys)
    {
        foreach ((string name, string key) in Figures.Where(figure => (keys.Length > 0 ? keys : ["p50", "p99", "max"]).Contains(figure.Key)))
        {
            double?[] figures = [.. runs.Select(run => part(run)?.GetValueOrDefault(key))];
            if (figures.Any(figure => figure is not null))
            {
                table.Row($"{title}, {name}", figures.Select(PlotText.Latency));
            }
        }
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

        foreach (string threshold in runs.SelectMany(run => run.Run.Thresholds).Select(threshold => threshold.Threshold).Distinct())
        {
            table.Row(threshold, runs.Select(run => run.Run.Thresholds.FirstOrDefault(other => other.Threshold == threshold)?.Held switch
            {
                true => Held,
                false => Missed,
                null => LatencyText.Unknown,
            }), cell => cell switch { Held => "good", Missed => "bad", _ => "" });
        }

        table.Row("valid", runs.Select(run => run.Run.Valid ? "yes" : "NO"), cell => cell == "NO" ? "bad" : "good");
        return table.ToElement();
    }

    public static string Workloads(IReadOnlyList<ReportRun> runs)
    {
        var table = new ReportTable("Workloads", [.. runs.Select(run => run.Name)]);
        table.Row("target", runs.Select(run => run.Run.Target));
        table.Row("mode", runs.Select(run => run.Run.Mode));
        table.Row("connections", runs.Select(run => ConnectionsOf(run.Run)));
        if (runs.Any(run => run.Run.Workload.RequestBytes is not null))
        {
            table.Row("request, reply", runs.Select(run => $"{run.Run.Workload.RequestBytes} B, {run.Run.Workload.ReplyBytes} B, framing {run.Run.Workload.Framing}"));
        }

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
