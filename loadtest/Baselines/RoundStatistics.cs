namespace LowLatency.LoadTest.Baselines;

/// <summary>What several rounds come to. Requests within a round are no independent samples; rounds are, nearly.</summary>
internal static class RoundStatistics
{
    /// <summary>The middle value, or the mean of the two in the middle; <c>null</c> for no value or one that is unknown.</summary>
    public static double? Median(IReadOnlyList<double?> rounds)
    {
        if (rounds.Count == 0 || rounds.Contains(null))
        {
            return null;
        }

        double[] sorted = [.. rounds.Select(round => round!.Value).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>One value by another; <c>null</c> where that says nothing.</summary>
    public static double? Ratio(double? of, double? by) => by == 0 ? null : of / by;

    /// <summary>Round by round, the one by the other.</summary>
    public static IReadOnlyList<double?> Ratios(IReadOnlyList<double?> of, IReadOnlyList<double?> by)
        => [.. of.Zip(by, Ratio)];
}
