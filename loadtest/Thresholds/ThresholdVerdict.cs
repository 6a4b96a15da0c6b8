namespace LowLatency.LoadTest.Thresholds;

/// <summary>What became of a threshold.</summary>
/// <param name="Threshold">The bar.</param>
/// <param name="Actual">The run's figure, in its own unit; <c>null</c> when it has none, and then the threshold is missed.</param>
/// <param name="IsHeld">Whether it was held.</param>
/// <param name="WhyNone">Why there is no figure.</param>
internal sealed record ThresholdVerdict(Threshold Threshold, double? Actual, bool IsHeld, string? WhyNone)
{
    /// <summary>The figure, or why there is none.</summary>
    public string Explanation => Actual is double actual ? Threshold.Figure.Unit.Format(actual) : WhyNone!;
}
