using System.Diagnostics;
using System.Globalization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>A run second by second. A figure that a second's sample cannot carry is empty.</summary>
internal static class CsvReport
{
    private const double NanosecondsPerMicrosecond = 1_000;

    private static readonly (string Name, Func<Interval, double?> Figure)[] Columns =
    [
        ("start_s", interval => interval.Start.TotalSeconds),
        ("length_s", interval => interval.Length.TotalSeconds),
        ("ok", interval => interval.Ok),
        ("failed", interval => interval.Failed),
        ("requests_per_second", interval => interval.Length > TimeSpan.Zero ? interval.Ok / interval.Length.TotalSeconds : null),
        ("min_us", interval => interval.Latencies.Count > 0 ? interval.Latencies.Minimum / NanosecondsPerMicrosecond : null),
        ("mean_us", interval => interval.Latencies.Count > 0 ? interval.Latencies.Mean / NanosecondsPerMicrosecond : null),
        ("p50_us", interval => interval.Latencies.At(Percentile.P50) / NanosecondsPerMicrosecond),
        ("p90_us", interval => interval.Latencies.At(Percentile.P90) / NanosecondsPerMicrosecond),
        ("p99_us", interval => interval.Latencies.At(Percentile.P99) / NanosecondsPerMicrosecond),
        ("p99_9_us", interval => interval.Latencies.At(Percentile.P999) / NanosecondsPerMicrosecond),
        ("max_us", interval => interval.Latencies.Count > 0 ? interval.Latencies.Maximum / NanosecondsPerMicrosecond : null),
    ];

    public static void Write(RunResult result, MachineEnvironment environment, TextWriter writer)
    {
        foreach (string line in CommentLines.Of(result, environment))
        {
            writer.WriteLine(line);
        }

        writer.WriteLine(string.Join(',', Columns.Select(column => column.Name).Append("hiccup_max_us")));
        foreach (Interval interval in result.Intervals)
        {
            IEnumerable<double?> cells = Columns.Select(column => column.Figure(interval)).Append(LongestHiccup(result, interval));
            writer.WriteLine(string.Join(',', cells.Select(cell => cell?.ToString("0.######", CultureInfo.InvariantCulture))));
        }
    }

    // Of those that began in this second; none is not zero, but nothing that was long enough to count.
    private static double? LongestHiccup(RunResult result, Interval interval)
    {
        long from = result.StartedAtTicks + (long)(interval.Start.TotalSeconds * Stopwatch.Frequency);
        long to = from + (long)(interval.Length.TotalSeconds * Stopwatch.Frequency);
        return result.Hiccups?.Notable
            .Where(hiccup => hiccup.StartTicks >= from && hiccup.StartTicks < to)
            .Max(hiccup => (double?)hiccup.Nanoseconds) / NanosecondsPerMicrosecond;
    }
}
