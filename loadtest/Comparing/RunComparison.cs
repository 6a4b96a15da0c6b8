using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Comparing;

/// <summary>Two sides of several runs each. The sample is the runs: requests within one are not independent of each other.</summary>
internal sealed record RunComparison(IReadOnlyList<MetricComparison> Metrics, int RunsA, int RunsB, bool ArePaired)
{
    /// <summary>What counting all ways is still quick for.</summary>
    public const int MostRuns = 100;

    /// <param name="a">The runs of one side.</param>
    /// <param name="b">The runs of the other.</param>
    /// <param name="arePaired">Whether runs of the same number were made in the same round.</param>
    /// <param name="thresholdPercent">The least difference that matters.</param>
    /// <param name="seed">Of the bootstrap.</param>
    public static RunComparison Of(IReadOnlyList<SavedRun> a, IReadOnlyList<SavedRun> b, bool arePaired, double thresholdPercent, int seed)
    {
        IReadOnlyList<Metric> metrics = Metric.CarriedBy([.. a, .. b]);
        double[][] figuresA = [.. metrics.Select(metric => Figures(metric, a))];
        double[][] figuresB = [.. metrics.Select(metric => Figures(metric, b))];
        double[] pValues = Holm.Adjust([.. figuresA.Zip(figuresB, (ofA, ofB) => PValue(ofA, ofB, arePaired))]);
        return new RunComparison(
            [.. metrics.Select((metric, index) =>
            {
                (ConfidenceInterval ratio, ConfidenceInterval difference) = Bootstrap.Of(figuresA[index], figuresB[index], arePaired, seed);
                return new MetricComparison(metric, figuresA[index], figuresB[index], ratio, difference, pValues[index], thresholdPercent);
            })],
            a.Count, b.Count, arePaired);
    }

    /// <summary>Whether so few runs could show a difference at all, were they as different as can be.</summary>
    public bool CanShowADifference
        => Metrics.Count * PValue(Enumerable.Range(1, RunsA), Enumerable.Range(1, RunsB).Select(run => run * (RunsA + 1)), ArePaired)
            < MetricComparison.Significance;

    /// <summary>All verdicts in one.</summary>
    public string Summary
    {
        get
        {
            string faster = Names(Verdict.Faster);
            string slower = Names(Verdict.Slower);
            return (faster, slower) switch
            {
                ("", "") => "no difference shown",
                (_, "") => $"B is faster: {faster}",
                ("", _) => $"B is slower: {slower}",
                _ => $"B is faster: {faster}; slower: {slower}",
            };
        }
    }

    private string Names(Verdict verdict) => string.Join(", ", Metrics.Where(metric => metric.Verdict == verdict).Select(metric => metric.Metric.Name));

    private static double[] Figures(Metric metric, IReadOnlyList<SavedRun> runs) => [.. runs.Select(run => metric.Of(run)!.Value)];

    private static double PValue(IEnumerable<int> a, IEnumerable<int> b, bool arePaired)
        => PValue([.. a.Select(value => (double)value)], [.. b.Select(value => (double)value)], arePaired);

    // Whatever slows a machine down slows it by a factor: pairs differ by their ratio.
    private static double PValue(double[] a, double[] b, bool arePaired)
        => arePaired
            ? SignedRank.TwoSided([.. a.Zip(b, (ofA, ofB) => Math.Log(ofB / ofA))])
            : MannWhitney.TwoSided(a, b);
}
