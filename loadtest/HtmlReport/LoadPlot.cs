using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Latency against load, where runs differ in nothing but their load: a sweep.</summary>
internal static class LoadPlot
{
    private static readonly (string Key, string Name, string Style)[] Figures =
        [("p50", "p50", "run0"), ("p99", "p99", "run1"), ("p99_9", "p99.9", "run2"), ("max", "maximum", "run3")];

    public static SvgDrawing? Draw(IReadOnlyList<ReportRun> runs, bool isNarrow)
    {
        if (LoadOf(runs) is not Load load)
        {
            return null;
        }

        SavedRun[] ordered = [.. runs.Select(run => run.Run).OrderBy(load.Of)];
        double[] latencies = [.. ordered.SelectMany(run => Figures.Select(figure => run.LatencyMicroseconds.GetValueOrDefault(figure.Key))).OfType<double>()];
        if (latencies.Length == 0)
        {
            return null;
        }

        var scale = new LatencyScale(latencies.Min() * 1_000, latencies.Max() * 1_000);
        double most = load.Of(ordered[^1]);
        string invalid = "not valid: the rate was not kept";
        var frame = PlotFrame.Create(isNarrow, [.. Figures.Select(figure => (figure.Name, $"line {figure.Style}")), .. ordered.All(run => run.Valid) ? Array.Empty<(string, string)>() : [(invalid, "dot invalid")]]);
        frame.LatencyAxisUpwards(scale, "latency");
        double step = RoundSteps.AtLeast(most / (isNarrow ? 4 : 8));
        frame.HorizontalAxis(load.Title, Enumerable.Range(0, (int)(most / step) + 1).Select(tick => (tick * step / most, PlotText.Count(tick * step))));
        foreach ((string key, string name, string style) in Figures)
        {
            (SavedRun Run, double X, double Y)[] points =
                [.. from run in ordered
                    let latency = run.LatencyMicroseconds.GetValueOrDefault(key)
                    where latency is not null
                    select (run, frame.X(load.Of(run) / most), frame.Y(scale.At(latency.Value * 1_000)))];
            frame.Drawing.Path([.. points.Select(point => (point.X, point.Y))], $"line {style}", name);
            foreach ((SavedRun run, double x, double y) in points)
            {
                frame.Drawing.Circle(x, y, 3.5, run.Valid ? $"dot {style}" : "dot invalid", $"{name} at {PlotText.Count(load.Of(run))}: {PlotText.Latency(run.LatencyMicroseconds[key])}{(run.Valid ? "" : $" ({invalid})")}");
            }
        }

        return frame.Drawing;
    }

    private static Load? LoadOf(IReadOnlyList<ReportRun> runs)
    {
        Load load = runs.All(run => run.Run.Rate is not null)
            ? new Load("requests a second, as scheduled", run => run.Rate!.Value)
            : new Load("connections", run => run.Connections.Requested);
        bool isSweep = runs.Count > 2
            && runs.Select(run => (run.Run.Target, run.Run.Mode)).Distinct().Count() == 1
            && runs.Select(run => load.Of(run.Run)).Distinct().Count() == runs.Count;
        return isSweep ? load : null;
    }

    private sealed record Load(string Title, Func<SavedRun, double> Of);
}
