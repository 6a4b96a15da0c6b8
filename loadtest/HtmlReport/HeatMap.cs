using System.Globalization;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Latency over time: the darker a field, the more requests took that long in that second. The machine's own stalls lie over it.</summary>
internal static class HeatMap
{
    private const int MostHiccups = 200;
    private const double Faintest = 0.12;

    public static SvgDrawing? Draw(ReportRun run, bool isNarrow)
    {
        IReadOnlyList<ReportInterval> intervals = run.Intervals;
        if (intervals.Count == 0)
        {
            return null;
        }

        var scale = new LatencyScale(
            intervals.Min(interval => interval.Latencies.Minimum),
            Math.Max(intervals.Max(interval => interval.Latencies.Maximum), run.Run.ListedHiccups.Select(hiccup => hiccup.Microseconds * 1_000).DefaultIfEmpty().Max()));
        SavedHiccup[] hiccups = [.. run.Run.ListedHiccups
            .Where(hiccup => hiccup.Microseconds * 1_000 >= scale.Least)
            .OrderByDescending(hiccup => hiccup.Microseconds)
            .Take(MostHiccups)];
        double end = EndOf(run.Run.DurationSeconds, intervals);
        var frame = PlotFrame.Create(isNarrow, [("requests (few to many)", "heat"), .. hiccups.Length > 0 ? [(hiccups.Length == MostHiccups ? $"hiccup, by its length (longest {MostHiccups})" : "hiccup of the machine, by its length", "dot hiccup")] : Array.Empty<(string, string)>()]);
        Fields(frame, scale, intervals, end);
        frame.LatencyAxisUpwards(scale, "latency");
        frame.HorizontalAxis("time since the beginning of the measurement", TimeTicks(end, isNarrow ? 5 : 10));
        foreach (SavedHiccup hiccup in hiccups.Where(hiccup => hiccup.StartSeconds >= 0 && hiccup.StartSeconds <= end))
        {
            frame.Drawing.Circle(
                frame.X(hiccup.StartSeconds / end), frame.Y(scale.At(hiccup.Microseconds * 1_000)), 4, "dot hiccup",
                string.Create(CultureInfo.InvariantCulture, $"hiccup of {PlotText.Latency(hiccup.Microseconds)} at {hiccup.StartSeconds:0.##} s"));
        }

        return frame.Drawing;
    }

    // A second that the run ended in is drawn as far as the run went.
    private static double EndOf(double duration, IReadOnlyList<ReportInterval> intervals)
    {
        double lastSecond = intervals.Max(interval => interval.StartSeconds + interval.LengthSeconds);
        double end = Math.Min(lastSecond, Math.Max(duration, intervals.Max(interval => interval.StartSeconds)));
        return end > 0 ? end : Math.Max(lastSecond, 1);
    }

    private static void Fields(PlotFrame frame, LatencyScale scale, IReadOnlyList<ReportInterval> intervals, double end)
    {
        // A long run has no room for each of its seconds: then some share a column.
        int each = (intervals.Count + (frame.IsNarrow ? 60 : 120) - 1) / (frame.IsNarrow ? 60 : 120);
        int rows = frame.IsNarrow ? 30 : 45;
        (double From, double To, long[] Counts)[] columns = [.. intervals.Chunk(each).Select(seconds => (
            seconds[0].StartSeconds,
            Math.Min(end, seconds[^1].StartSeconds + seconds[^1].LengthSeconds),
            CountRows(seconds, scale, rows)))];
        double most = Math.Log(1 + columns.Max(column => column.Counts.Max()));
        foreach ((double from, double to, long[] counts) in columns)
        {
            for (int row = 0; row < rows; row++)
            {
                if (counts[row] > 0)
                {
                    double left = frame.X(from / end);
                    double top = frame.Y((row + 1.0) / rows);
                    frame.Drawing.Rectangle(
                        left, top, frame.X(to / end) - left, frame.Y((double)row / rows) - top, "heat",
                        Faintest + ((1 - Faintest) * Math.Log(1 + counts[row]) / most));
                }
            }
        }
    }

    private static long[] CountRows(ReportInterval[] seconds, LatencyScale scale, int rows)
    {
        long[] counts = new long[rows];
        foreach (LatencyBucket bucket in seconds.SelectMany(second => second.Latencies.Buckets))
        {
            counts[Math.Min(rows - 1, (int)(scale.At(bucket.From + ((bucket.To - bucket.From) / 2.0)) * rows))] += bucket.Count;
        }

        return counts;
    }

    private static IEnumerable<(double Share, string Name)> TimeTicks(double end, int atMost)
    {
        double step = RoundSteps.AtLeast(end / atMost);
        for (int tick = 0; tick * step <= end * 1.0001; tick++)
        {
            yield return (Math.Min(1, tick * step / end), string.Create(CultureInfo.InvariantCulture, $"{tick * step:0.###} s"));
        }
    }
}
