using System.Globalization;
using HdrHistogram;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>Response times as HdrHistogram's plotter reads them (<c>.hgrm</c>), in microseconds.</summary>
/// <remarks>
/// Four columns that are separated by blanks: value, percentile as a part of one, count up to there, and 1/(1-percentile). The
/// plotter passes over lines that begin with <c>#</c>, where the environment is.
/// </remarks>
internal static class HgrmReport
{
    private const int TicksPerHalfDistance = 5;
    private const double NanosecondsPerMicrosecond = 1_000;

    public static void Write(RunResult result, MachineEnvironment environment, TextWriter writer)
    {
        // The library writes with the format of the writer: points and not commas, wherever this runs.
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        result.Latencies.Histogram.OutputPercentileDistribution(text, TicksPerHalfDistance, NanosecondsPerMicrosecond);
        writer.Write(text.ToString());
        foreach (string line in CommentLines.Of(result, environment))
        {
            writer.WriteLine(line);
        }
    }
}
