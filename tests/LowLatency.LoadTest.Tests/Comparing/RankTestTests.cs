using LowLatency.LoadTest.Comparing;

namespace LowLatency.LoadTest.Tests.Comparing;

/// <summary>The rank tests against published examples, against what counting by hand gives, and against counting all ways one by one.</summary>
public class RankTestTests
{
    // Hollander and Wolfe (1973), page 69, the permeability of a membrane; R: wilcox.test(x, y) gives W = 35, p = 0.2544.
    [Fact]
    public void Mann_Whitney_gives_the_published_value()
        => Assert.Equal(0.2544, MannWhitney.TwoSided(
            [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
            [1.15, 0.88, 0.90, 0.74, 1.21]), 4);

    // Hollander and Wolfe (1973), page 29, depression before and after; R: wilcox.test(x, y, paired = TRUE) gives V = 40, p = 0.03906.
    [Fact]
    public void The_signed_rank_test_gives_the_published_value()
    {
        double[] before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        double[] after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];

        Assert.Equal(20.0 / 512, SignedRank.TwoSided([.. before.Zip(after, (x, y) => x - y)]), 12);
    }

    [Fact]
    public void Samples_that_do_not_overlap_are_as_unlikely_as_one_way_in_all()
    {
        Assert.Equal(2.0 / 252, MannWhitney.TwoSided([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), 12);
        Assert.Equal(2.0 / 252, MannWhitney.TwoSided([6, 7, 8, 9, 10], [1, 2, 3, 4, 5]), 12);
        Assert.Equal(2.0 / 1024, SignedRank.TwoSided([.. Enumerable.Range(1, 10).Select(rank => (double)rank)]), 12);
    }

    [Fact]
    public void What_is_all_the_same_shows_nothing()
    {
        Assert.Equal(1, MannWhitney.TwoSided([7, 7, 7], [7, 7, 7]));
        Assert.Equal(1, MannWhitney.TwoSided([], [1, 2]));
        Assert.Equal(1, SignedRank.TwoSided([0, 0, 0]));
        Assert.Equal(1, SignedRank.TwoSided([]));
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 2, 5 }, new double[] { 2, 3, 5, 5, 9 })]
    [InlineData(new double[] { 4, 4, 4 }, new double[] { 4, 4, 8, 8 })]
    [InlineData(new double[] { 3 }, new double[] { 1, 1, 2, 3, 3, 4 })]
    public void Mann_Whitney_with_ties_counts_as_counting_one_by_one_does(double[] a, double[] b)
    {
        int[] ranks = MidRanks.Doubled([.. a, .. b]);
        int observed = ranks[..a.Length].Sum();
        int[] sums = [.. Enumerable.Range(0, 1 << ranks.Length)
            .Where(chosen => int.PopCount(chosen) == a.Length)
            .Select(chosen => ranks.Where((_, index) => (chosen >> index & 1) == 1).Sum())];

        Assert.Equal(TwoSided(sums, observed), MannWhitney.TwoSided(a, b), 12);
    }

    [Theory]
    [InlineData(new double[] { 1, -1, 2, 2, -3 })]
    [InlineData(new double[] { 5, 5, 5, -5, 0, 1 })]
    public void The_signed_rank_test_with_ties_counts_as_counting_one_by_one_does(double[] differences)
    {
        double[] some = [.. differences.Where(difference => difference != 0)];
        int[] ranks = MidRanks.Doubled([.. some.Select(Math.Abs)]);
        int observed = ranks.Where((_, index) => some[index] > 0).Sum();
        int[] sums = [.. Enumerable.Range(0, 1 << ranks.Length)
            .Select(positive => ranks.Where((_, index) => (positive >> index & 1) == 1).Sum())];

        Assert.Equal(TwoSided(sums, observed), SignedRank.TwoSided(differences), 12);
    }

    [Fact]
    public void Equal_values_share_the_mean_of_their_ranks()
        => Assert.Equal([2, 6, 6, 6, 10], MidRanks.Doubled([1, 5, 5, 5, 9]));

    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    [Fact]
    public void Several_questions_at_once_are_corrected_as_Holm_did()
    {
        double[] adjusted = Holm.Adjust([0.01, 0.04, 0.03, 0.005]);

        Assert.Equal([0.03, 0.06, 0.06, 0.02], adjusted.Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], Holm.Adjust([0.6, 0.9]));
    }

    private static double TwoSided(int[] sums, int observed)
        => Math.Min(1, 2.0 * Math.Min(sums.Count(sum => sum <= observed), sums.Count(sum => sum >= observed)) / sums.Length);
}
