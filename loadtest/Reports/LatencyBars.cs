using LowLatency.LoadTest.Measurement;
using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>A histogram drawn with bars: equal steps up to where nearly all latencies are, and one bar for what is beyond.</summary>
internal static class LatencyBars
{
    private const int Steps = 11;
    private const int Width = 40;

    // With less there is nothing to see that the percentiles do not say.
    private const int LeastSample = 20;

    public static void Write(IAnsiConsole console, LatencyRecorder latencies)
    {
        if (latencies.Count < LeastSample)
        {
            return;
        }

        long from = latencies.Minimum;
        long to = latencies.At(Percentile.P99) ?? latencies.At(Percentile.P90) ?? latencies.Maximum;
        double step = Math.Max(1, (to - from + 1) / (double)Steps);
        long[] counts = new long[Steps + 1];
        foreach (LatencyBucket bucket in latencies.Buckets)
        {
            counts[(int)Math.Clamp((bucket.From - from) / step, 0, Steps)] += bucket.Count;
        }

        string[] labels = [.. Enumerable.Range(1, Steps).Select(index => $"<= {LatencyText.Of(from + (index * step))}"), "beyond"];
        string[] figures = [.. counts.Select(count => LatencyText.Count(count))];
        long most = counts.Max();
        for (int index = 0; index <= Steps; index++)
        {
            // Something is never drawn as nothing.
            int length = counts[index] == 0 ? 0 : Math.Max(1, (int)(counts[index] * Width / most));
            console.WriteLine($"  {labels[index].PadLeft(labels.Max(label => label.Length))}  {figures[index].PadLeft(figures.Max(figure => figure.Length))}  {new string('■', length)}".TrimEnd());
        }
    }
}
