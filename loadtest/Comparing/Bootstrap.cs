namespace LowLatency.LoadTest.Comparing;

/// <summary>
/// How far the ratio and the difference of two medians can be trusted: both are computed over and over from samples that
/// are drawn, with replacement, from the runs there are (the percentile bootstrap of Efron and Tibshirani,
/// «An Introduction to the Bootstrap», chapter 13).
/// </summary>
internal static class Bootstrap
{
    public const double Confidence = 0.95;
    public const int DefaultSeed = 1;

    private const int Resamples = 10_000;

    /// <param name="a">A figure of every run of one side.</param>
    /// <param name="b">The same of the other side.</param>
    /// <param name="arePaired">Whether the runs of the same number belong together, and are drawn together.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    /// <returns>The intervals of b / a and of b - a.</returns>
    public static (ConfidenceInterval Ratio, ConfidenceInterval Difference) Of(
        IReadOnlyList<double> a, IReadOnlyList<double> b, bool arePaired, int seed)
    {
        var random = new Random(seed);
        double[] ratios = new double[Resamples];
        double[] differences = new double[Resamples];
        double[] drawnA = new double[a.Count];
        double[] drawnB = new double[b.Count];
        for (int resample = 0; resample < Resamples; resample++)
        {
            for (int index = 0; index < drawnA.Length; index++)
            {
                int drawn = random.Next(a.Count);
                drawnA[index] = a[drawn];
                if (arePaired)
                {
                    drawnB[index] = b[drawn];
                }
            }

            for (int index = 0; !arePaired && index < drawnB.Length; index++)
            {
                drawnB[index] = b[random.Next(b.Count)];
            }

            double medianA = Median.OfScratch(drawnA);
            double medianB = Median.OfScratch(drawnB);
            ratios[resample] = medianB / medianA;
            differences[resample] = medianB - medianA;
        }

        return (Middle(ratios), Middle(differences));
    }

    private static ConfidenceInterval Middle(double[] values)
    {
        Array.Sort(values);
        double beyond = (1 - Confidence) / 2 * (values.Length - 1);
        return new ConfidenceInterval(values[(int)Math.Floor(beyond)], values[(int)Math.Ceiling(values.Length - 1 - beyond)]);
    }
}
