namespace LowLatency.LoadTest.Comparing;

/// <summary>The middle of a sample that is not empty.</summary>
internal static class Median
{
    public static double Of(IReadOnlyList<double> sample)
    {
        double[] values = [.. sample];
        return OfScratch(values);
    }

    /// <summary>The same without a copy; leaves the values sorted.</summary>
    public static double OfScratch(Span<double> values)
    {
        values.Sort();
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
