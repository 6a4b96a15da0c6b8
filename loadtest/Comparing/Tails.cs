namespace LowLatency.LoadTest.Comparing;

/// <summary>What lies at the ends of a distribution that has been counted out.</summary>
internal static class Tails
{
    /// <summary>Twice the smaller tail, the observed value included: the usual two-sided p-value of an exact test.</summary>
    /// <param name="ways">How many ways lead to each value.</param>
    /// <param name="observed">The value that was seen.</param>
    public static double TwoSided(double[] ways, int observed)
    {
        double below = ways.AsSpan(..(observed + 1)).Sum();
        double above = ways.AsSpan(observed..).Sum();
        double all = ways.AsSpan().Sum();
        return Math.Min(1, 2 * Math.Min(below, above) / all);
    }

    private static double Sum(this Span<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }
}
