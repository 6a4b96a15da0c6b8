using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.Baselines;

/// <summary>What of a cell a row is about.</summary>
internal enum Figure
{
    /// <summary>Median latency, in nanoseconds.</summary>
    P50,

    /// <summary>The latency that 99 of 100 requests do not exceed, in nanoseconds.</summary>
    P99,

    RequestsPerSecond,

    /// <summary>The server's CPU time for each good reply, in nanoseconds: user and system, all of its threads.</summary>
    CpuPerRequest,

    /// <summary>Replies of the connection that got the fewest of all that asked.</summary>
    FewestReplies,

    /// <summary>Replies of the one that got the most.</summary>
    MostReplies,
}

internal static class Figures
{
    public static double? Of(this Figure figure, CellFigures figures) => figure switch
    {
        Figure.P50 => figures.P50,
        Figure.P99 => figures.P99,
        Figure.RequestsPerSecond => figures.RequestsPerSecond,
        Figure.CpuPerRequest => figures.CpuPerRequest,
        Figure.FewestReplies => figures.RepliesByConnection?.Fewest,
        Figure.MostReplies => figures.RepliesByConnection?.Most,
        _ => throw new ArgumentOutOfRangeException(nameof(figure)),
    };

    /// <summary>The unit in a program's report.</summary>
    public static string Unit(this Figure figure) => figure switch
    {
        Figure.RequestsPerSecond => "1/s",
        Figure.FewestReplies or Figure.MostReplies => "replies",
        _ => "ns",
    };

    public static string Describe(this Figure figure, double? value) => value switch
    {
        null => LatencyText.Unknown,
        double rate when figure == Figure.RequestsPerSecond => $"{LatencyText.Count(rate)}/s",
        double replies when figure is Figure.FewestReplies or Figure.MostReplies => LatencyText.Count(replies),
        _ => LatencyText.Of(value),
    };
}
