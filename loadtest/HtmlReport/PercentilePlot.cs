using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Latency by percentile, on an axis where each further nine takes as much room as the one before.</summary>
internal static class PercentilePlot
{
    // As with the figures of the table: what fewer requests are beyond is a matter of luck, and drawn so.
    private const int LeastBeyond = 10;

    public static SvgDrawing? Draw(IReadOnlyList<ReportRun> runs, bool isNarrow)
    {
        Curve[] curves = [.. runs.SelectMany(CurvesOf)];
        if (curves.Length == 0)
        {
            return null;
        }

        double nines = Math.Max(1, curves.Max(curve => Nines(1 - (1.0 / curve.Latencies.Count))));
        var scale = new LatencyScale(curves.Min(curve => curve.Latencies.Minimum), curves.Max(curve => curve.Latencies.Maximum));
        var frame = PlotFrame.Create(isNarrow, [.. curves.Select(curve => (curve.Name, $"line {curve.Style}"))]);
        frame.LatencyAxisUpwards(scale, "latency");
        frame.HorizontalAxis("percentile (%), each step one more nine", Ticks(nines, isNarrow));
        foreach (Curve curve in curves)
        {
            Draw(frame, scale, nines, curve);
        }

        return frame.Drawing;
    }

    /// <summary>0 for 0 %, 1 for 90 %, 2 for 99 %, and so on.</summary>
    internal static double Nines(double share) => -Math.Log10(1 - share);

    private static IEnumerable<Curve> CurvesOf(ReportRun run)
    {
        if (run.Latencies is Distribution latencies)
        {
            yield return new Curve(run.Name, run.Style, latencies);
        }

        if (run.ServiceTimes is Distribution serviceTimes)
        {
            yield return new Curve($"{run.Name}, service time", $"{run.Style} service", serviceTimes);
        }
    }

    private static void Draw(PlotFrame frame, LatencyScale scale, double nines, Curve curve)
    {
        long count = curve.Latencies.Count;
        var certain = new List<(double X, double Y)>();
        var luck = new List<(double X, double Y)>();
        long sofar = 0;
        foreach (LatencyBucket bucket in curve.Latencies.Buckets)
        {
            // The bucket's latency is that of all percentiles from before it to behind it.
            Add(sofar, bucket.From);
            sofar += bucket.Count;
            Add(sofar, bucket.To);
        }

        string hint = $"{curve.Name}: p50 {Name(0.5)}, p99 {Name(0.99)}, maximum {LatencyScale.Name(curve.Latencies.Maximum)}";
        frame.Drawing.Path(certain, $"line {curve.Style}", hint);
        frame.Drawing.Path(luck, $"line {curve.Style} luck", hint);

        void Add(long below, long nanoseconds)
        {
            double share = Math.Min(below, count - 0.999) / count;
            var point = (frame.X(Math.Min(1, Nines(share) / nines)), frame.Y(scale.At(Math.Min(nanoseconds, curve.Latencies.Maximum))));
            bool isCertain = count - below >= LeastBeyond;
            List<(double X, double Y)> line = isCertain ? certain : luck;
            if (!isCertain && luck.Count == 0 && certain.Count > 0)
            {
                luck.Add(certain[^1]);
            }

            // Thousands of buckets fall onto the same pixels.
            if (line.Count == 0 || Math.Abs(line[^1].X - point.Item1) + Math.Abs(line[^1].Y - point.Item2) >= 0.5)
            {
                line.Add(point);
            }
        }

        string Name(double share) => LatencyScale.Name(curve.Latencies.At(share));
    }

    private static IEnumerable<(double Share, string Name)> Ticks(double nines, bool isNarrow)
    {
        yield return (0, "0");
        if (!isNarrow)
        {
            yield return (Nines(0.5) / nines, "50");
        }

        for (int nine = 1; nine <= nines + 0.01; nine++)
        {
            string digits = nine switch { 1 => "90", 2 => "99", _ => $"99.{new string('9', nine - 2)}" };
            yield return (Math.Min(1, nine / nines), digits);
        }
    }

    private sealed record Curve(string Name, string Style, Distribution Latencies);
}
