using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Figures as plots and their tables write them.</summary>
internal static class PlotText
{
    /// <summary>A latency with its unit.</summary>
    public static string Latency(double? microseconds)
        => LatencyText.Of(microseconds * 1_000).Replace(" us", " µs", StringComparison.Ordinal);

    public static string Count(double count) => LatencyText.Count(count);
}
