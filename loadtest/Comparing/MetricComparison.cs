namespace LowLatency.LoadTest.Comparing;

/// <summary>One figure of two sides.</summary>
/// <param name="Metric">Which one.</param>
/// <param name="A">The figure of every run of A.</param>
/// <param name="B">The same of B.</param>
/// <param name="RatioInterval">Where B / A lies.</param>
/// <param name="DifferenceInterval">Where B - A lies.</param>
/// <param name="PValue">The rank test's, corrected for the number of figures.</param>
/// <param name="ThresholdPercent">A smaller difference of medians is nobody's business.</param>
internal sealed record MetricComparison(
    Metric Metric,
    IReadOnlyList<double> A,
    IReadOnlyList<double> B,
    ConfidenceInterval RatioInterval,
    ConfidenceInterval DifferenceInterval,
    double PValue,
    double ThresholdPercent)
{
    /// <summary>How unlikely a difference must be by chance before it is believed.</summary>
    public const double Significance = 0.05;

    public double MedianA => Median.Of(A);

    public double MedianB => Median.Of(B);

    public double Ratio => MedianB / MedianA;

    public double Difference => MedianB - MedianA;

    /// <summary>A difference must be unlikely by chance, certain in its direction, and large enough to matter: all three.</summary>
    public Verdict Verdict
    {
        get
        {
            bool isShown = PValue < Significance && !RatioInterval.Contains(1) && Math.Abs(Ratio - 1) * 100 >= ThresholdPercent;
            bool isLess = Ratio < 1;
            return !isShown ? Verdict.NoDifferenceShown : isLess == Metric.IsLatency ? Verdict.Faster : Verdict.Slower;
        }
    }
}
