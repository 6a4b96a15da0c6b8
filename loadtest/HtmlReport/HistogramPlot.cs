using System.Globalization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>How many requests took how long. Both axes are logarithmic: on any other the tail is not to be seen.</summary>
internal static class HistogramPlot
{
    public static SvgDrawing? Draw(IReadOnlyList<ReportRun> runs, bool isNarrow)
    {
        ReportRun[] drawn = [.. runs.Where(run => run.Latencies is not null)];
        if (drawn.Length == 0)
        {
            return null;
        }

        var scale = new LatencyScale(drawn.Min(run => run.Latencies!.Minimum), drawn.Max(run => run.Latencies!.Maximum));
        double[][] shares = [.. drawn.Select(run => SharesOf(run.Latencies!, scale, isNarrow ? 50 : 100))];
        int least = (int)Math.Floor(Math.Log10(shares.SelectMany(share => share).Where(share => share > 0).Min()));
        var frame = PlotFrame.Create(isNarrow, [.. drawn.Select(run => (run.Name, $"line {run.Style}"))]);
        frame.VerticalAxis("share of requests", Decades(least).Select(decade => (Height(Math.Pow(10, decade)), Percent(decade))));
        frame.HorizontalAxis("latency", scale.Ticks(isNarrow ? 5 : 9).Select(tick => (scale.At(tick), LatencyScale.Name(tick))));
        for (int index = 0; index < drawn.Length; index++)
        {
            (double X, double Y)[] outline = [.. Outline(shares[index]).Select(point => (frame.X(point.X), frame.Y(Height(point.Share))))];
            frame.Drawing.Path(outline, $"area {drawn[index].Style}", drawn[index].Name);
            frame.Drawing.Path(outline, $"line {drawn[index].Style}", drawn[index].Name);
        }

        return frame.Drawing;

        double Height(double share) => share <= 0 ? 0 : Math.Clamp((Math.Log10(share) - least) / -least, 0, 1);
    }

    private static double[] SharesOf(Distribution latencies, LatencyScale scale, int bins)
    {
        double[] shares = new double[bins];
        foreach (LatencyBucket bucket in latencies.Buckets)
        {
            double middle = bucket.From + ((bucket.To - bucket.From) / 2.0);
            shares[Math.Min(bins - 1, (int)(scale.At(middle) * bins))] += (double)bucket.Count / latencies.Count;
        }

        return shares;
    }

    private static IEnumerable<(double X, double Share)> Outline(double[] shares)
    {
        yield return (0, 0);
        for (int bin = 0; bin < shares.Length; bin++)
        {
            yield return ((double)bin / shares.Length, shares[bin]);
            yield return ((bin + 1.0) / shares.Length, shares[bin]);
        }

        yield return (1, 0);
    }

    private static IEnumerable<int> Decades(int least)
    {
        int every = Math.Max(1, -least / 6);
        for (int decade = 0; decade >= least; decade -= every)
        {
            yield return decade;
        }
    }

    private static string Percent(int decade) => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, decade + 2):0.########} %");
}
