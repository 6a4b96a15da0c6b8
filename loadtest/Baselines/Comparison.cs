namespace LowLatency.LoadTest.Baselines;

/// <summary>What a row came to against one yardstick.</summary>
internal sealed record Comparison(Yardstick Yardstick, IReadOnlyList<double?> Rounds, IReadOnlyList<double?> SubjectRounds, bool IsSliced = false)
{
    /// <summary>The yardstick's own figure, the median over the rounds.</summary>
    public double? Median => RoundStatistics.Median(Rounds);

    /// <summary>The ratio of the medians; of a row in slices, the median of the ratios.</summary>
    public double? Ratio => IsSliced ? RoundStatistics.Median(Ratios) : RoundStatistics.Ratio(RoundStatistics.Median(SubjectRounds), Median);

    /// <summary>The ratio within each round, whose span shows how far the one above can be trusted.</summary>
    public IReadOnlyList<double?> Ratios => RoundStatistics.Ratios(SubjectRounds, Rounds);

    public double? Least => Ratios.Min();

    public double? Greatest => Ratios.Max();

    /// <summary>Whether the bar is held; <c>null</c> where there is none, or no ratio.</summary>
    public bool? IsHeld => Yardstick.Bar is Bar bar && Ratio is double ratio ? bar.IsHeldBy(ratio) : null;
}
