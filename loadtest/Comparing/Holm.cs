namespace LowLatency.LoadTest.Comparing;

/// <summary>Holm's correction: who asks several questions at once is more likely to be fooled by one of them.</summary>
internal static class Holm
{
    /// <summary>The p-values, raised so that the chance of any false alarm among them stays what it was for one.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        double[] adjusted = new double[pValues.Count];
        double least = 0;
        int left = pValues.Count;
        foreach (int index in Enumerable.Range(0, pValues.Count).OrderBy(index => pValues[index]))
        {
            least = Math.Max(least, Math.Min(1, pValues[index] * left--));
            adjusted[index] = least;
        }

        return adjusted;
    }
}
