namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Distances between marks that people count in: 1, 2 or 5 of some decade.</summary>
internal static class RoundSteps
{
    public static double AtLeast(double least)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return ((double[])[1, 2, 5, 10]).Select(step => step * decade).First(step => step >= least * 0.999);
    }
}
