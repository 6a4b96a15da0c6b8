namespace LowLatency.LoadTest.Comparing;

/// <summary>Wilcoxon's signed rank test of pairs, for rounds in which both sides met the same machine.</summary>
/// <remarks>Exact at every size, with ties too. Pairs without a difference say nothing and are left out, as Wilcoxon did.</remarks>
internal static class SignedRank
{
    /// <summary>How likely differences at least this one-sided are, in either direction, if their signs are a matter of chance.</summary>
    public static double TwoSided(IReadOnlyList<double> differences)
    {
        double[] some = [.. differences.Where(difference => difference != 0)];
        if (some.Length == 0)
        {
            return 1;
        }

        int[] ranks = MidRanks.Doubled([.. some.Select(Math.Abs)]);
        int positive = ranks.Where((_, index) => some[index] > 0).Sum();
        return Tails.TwoSided(WaysToReach(ranks), positive);
    }

    /// <summary>For each sum, how many choices of signs make the positive ranks add up to it.</summary>
    private static double[] WaysToReach(int[] ranks)
    {
        double[] ways = new double[ranks.Sum() + 1];
        ways[0] = 1;
        foreach (int rank in ranks)
        {
            for (int sum = ways.Length - 1; sum >= rank; sum--)
            {
                ways[sum] += ways[sum - rank];
            }
        }

        return ways;
    }
}
