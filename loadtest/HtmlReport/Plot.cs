namespace LowLatency.LoadTest.HtmlReport;

/// <summary>A plot of a report: what it is called, how it is read, and its drawings, none where there is nothing to draw.</summary>
internal sealed record Plot(string Title, string Explanation, string Description, Func<bool, SvgDrawing?> Draw)
{
    // More than this many maps are no longer compared by eye.
    private const int MostHeatMaps = 8;

    /// <summary>All that the runs have data for, in the order of a report.</summary>
    public static IReadOnlyList<Plot> Of(IReadOnlyList<ReportRun> runs)
    {
        Plot[] plots =
        [
            new(
                "Latency against load",
                "What a request takes at each load. Where the lines turn upwards the target is at its limit.",
                $"Line chart of latency percentiles over {runs.Count} loads; the table below has the figures.",
                isNarrow => LoadPlot.Draw(runs, isNarrow)),
            new(
                "Percentiles",
                "How long the fastest so many percent took at most. Dotted: fewer than ten requests beyond, a matter of luck. Thin: service time, from the actual send instead of the intended one.",
                $"Line chart of latency by percentile of {Names(runs)}; the table below has the figures.",
                isNarrow => PercentilePlot.Draw(runs, isNarrow)),
            new(
                "Histogram",
                "How many requests took how long. Each step upwards is ten times as many.",
                $"Histogram of the latencies of {Names(runs)}.",
                isNarrow => HistogramPlot.Draw(runs, isNarrow)),
            .. runs.Take(MostHeatMaps).Select(run => new Plot(
                runs.Count == 1 ? "Latency over time" : $"Latency over time: {run.Name}",
                "Each column is a time, mostly a second; the darker a field, the more requests took that long. Rings are times in which the machine did not run the tester, at their length: a tail beneath one is not the target's alone.",
                $"Heat map of the latencies of {run.Name} over time{(run.Run.ListedHiccups.Count > 0 ? $", with {run.Run.ListedHiccups.Count} hiccups of the machine" : "")}.",
                isNarrow => HeatMap.Draw(run, isNarrow))),
        ];
        return [.. plots.Where(plot => plot.Draw(false) is not null)];
    }

    private static string Names(IReadOnlyList<ReportRun> runs) => runs.Count <= 4 ? string.Join(", ", runs.Select(run => run.Name)) : $"{runs.Count} runs";
}
