namespace LowLatency.LoadTest.Comparing;

/// <summary>The Mann-Whitney test (Wilcoxon's rank sum test) of two samples that have nothing to do with each other.</summary>
/// <remarks>
/// Exact at every size, with ties too: it counts all ways to deal the ranks that there are to the two sides,
/// as the permutation test does (Streitberg and Röhmel's shift algorithm), and needs no normal distribution.
/// </remarks>
internal static class MannWhitney
{
    /// <summary>How likely ranks at least this uneven are, in either direction, if both sides are the same thing.</summary>
    public static double TwoSided(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count == 0 || b.Count == 0)
        {
            return 1;
        }

        // Which side is counted makes no difference; the smaller one is less work.
        if (a.Count > b.Count)
        {
            (a, b) = (b, a);
        }

        int[] ranks = MidRanks.Doubled([.. a, .. b]);
        double[] ways = WaysToReach(ranks, a.Count);
        return Tails.TwoSided(ways, ranks[..a.Count].Sum());
    }

    /// <summary>For each sum, how many choices of <paramref name="size"/> ranks have it.</summary>
    private static double[] WaysToReach(int[] ranks, int size)
    {
        double[][] ways = new double[size + 1][];
        int most = ranks.Order().TakeLast(size).Sum();
        for (int chosen = 0; chosen <= size; chosen++)
        {
            ways[chosen] = new double[most + 1];
        }

        ways[0][0] = 1;
        foreach (int rank in ranks)
        {
            // Downwards, so that a rank is chosen once at most.
            for (int chosen = size; chosen > 0; chosen--)
            {
                for (int sum = most; sum >= rank; sum--)
                {
                    ways[chosen][sum] += ways[chosen - 1][sum - rank];
                }
            }
        }

        return ways[size];
    }
}
