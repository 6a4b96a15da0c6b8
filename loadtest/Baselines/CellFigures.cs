namespace LowLatency.LoadTest.Baselines;

/// <summary>What one cell came to in one round; <c>null</c> where the sample cannot carry a figure.</summary>
internal sealed record CellFigures(double? P50, double? P99, double? RequestsPerSecond, double? CpuPerRequest, long Failures)
{
    /// <summary>Replies of the connection that got the fewest of all, and of the one that got the most.</summary>
    public (long Fewest, long Most)? RepliesByConnection { get; init; }
}
