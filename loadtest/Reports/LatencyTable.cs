using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>Percentiles, one a row; a column for every kind of time that the mode knows.</summary>
internal static class LatencyTable
{
    private static readonly (string Name, Percentile Percentile)[] Percentiles =
    [
        ("p50", Percentile.P50), ("p75", Percentile.P75), ("p90", Percentile.P90), ("p99", Percentile.P99),
        ("p99.9", Percentile.P999), ("p99.99", Percentile.P9999), ("p99.999", Percentile.P99999),
    ];

    public static Grid Of(RunResult result)
    {
        (string Title, LatencyRecorder Latencies)[] columns = [.. Columns(result)];
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(3));
        foreach ((string _, LatencyRecorder _) in columns)
        {
            grid.AddColumn(new GridColumn().NoWrap().PadRight(3));
        }

        if (columns.Length > 1)
        {
            grid.AddRow(["", .. columns.Select(column => column.Title)]);
        }

        foreach ((string name, Percentile percentile) in Percentiles)
        {
            grid.AddRow([name, .. columns.Select(column => LatencyText.Of(column.Latencies.At(percentile)))]);
        }

        if (columns.Length > 1)
        {
            grid.AddRow(["maximum", .. columns.Select(column => LatencyText.Of(column.Latencies.Count > 0 ? column.Latencies.Maximum : null))]);
        }

        return grid;
    }

    private static IEnumerable<(string Title, LatencyRecorder Latencies)> Columns(RunResult result)
    {
        yield return (result.Workload.Mode == WorkloadMode.PerConnection ? "total" : "response time", result.Latencies);
        foreach ((string title, LatencyRecorder? latencies) in (IEnumerable<(string, LatencyRecorder?)>)[
            ("service time", result.ServiceTimes), ("send lag", result.SendLag), ("tester's lateness", result.Lateness),
            ("connect", result.ConnectTimes), ("first byte", result.FirstByteTimes)])
        {
            if (latencies is not null)
            {
                yield return (title, latencies);
            }
        }
    }
}
