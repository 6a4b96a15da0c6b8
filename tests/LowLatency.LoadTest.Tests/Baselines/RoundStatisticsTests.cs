using LowLatency.LoadTest.Baselines;
using LowLatency.LoadTest.Baselines.Servers;

namespace LowLatency.LoadTest.Tests.Baselines;

/// <summary>Medians, ratios and their span, against values worked out by hand.</summary>
public class RoundStatisticsTests
{
    private static readonly Cell Subject = new(new CServer("spin", Wire.Tcp), Load.OneOverTcp);
    private static readonly Cell Other = new(new CServer("epoll", Wire.Tcp), Load.OneOverTcp);

    [Theory]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 9, 1, 5 }, 5)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    [InlineData(new double[] { 1, 1, 1, 1_000 }, 1)]
    public void The_median_is_the_middle_value_or_the_mean_of_two(double[] rounds, double median)
        => Assert.Equal(median, RoundStatistics.Median([.. rounds.Select(round => (double?)round)]));

    [Fact]
    public void No_round_or_an_unknown_one_has_no_median()
    {
        Assert.Null(RoundStatistics.Median([]));
        Assert.Null(RoundStatistics.Median([1, null, 3]));
    }

    [Fact]
    public void A_ratio_needs_two_figures_and_no_zero_below()
    {
        Assert.Equal(1.5, RoundStatistics.Ratio(3, 2));
        Assert.Null(RoundStatistics.Ratio(3, 0));
        Assert.Null(RoundStatistics.Ratio(null, 2));
        Assert.Null(RoundStatistics.Ratio(3, null));
    }

    [Fact]
    public void A_comparison_is_the_ratio_of_medians_with_the_span_of_the_rounds_ratios()
    {
        var comparison = new Comparison(new Yardstick(Other, Bar.AtMost(1.1)), [10, 20, 40], [11, 18, 48]);

        Assert.Equal(20, comparison.Median);
        Assert.Equal(0.9, comparison.Ratio);
        Assert.Equal([1.1, 0.9, 1.2], comparison.Ratios);
        Assert.Equal(0.9, comparison.Least);
        Assert.Equal(1.2, comparison.Greatest);
        Assert.True(comparison.IsHeld);
    }

    [Fact]
    public void A_bar_is_judged_unrounded_and_only_where_there_is_a_ratio()
    {
        Assert.False(Against(Bar.AtMost(1.05), 1.0500001).IsHeld);
        Assert.True(Against(Bar.AtMost(1.05), 1.05).IsHeld);
        Assert.False(Against(Bar.AtLeast(0.95), 0.9499999).IsHeld);
        Assert.True(Against(Bar.AtLeast(0.95), 0.95).IsHeld);
        Assert.Null(Against(Bar.AtLeast(0.95), null).IsHeld);
        Assert.Null(Against(null, 1).IsHeld);

        static Comparison Against(Bar? bar, double? figure) => new(new Yardstick(Other, bar), [1], [figure]);
    }

    [Fact]
    public void A_row_takes_its_figure_of_all_its_cells_and_counts_their_failures_once()
    {
        var row = new Row("row", "Row", Figure.P99, Subject, new Yardstick(Other), new Yardstick(Subject));
        var result = RowResult.Of(row, new Dictionary<Cell, List<CellFigures>>
        {
            [Subject] = [Figures(p99: 3, failures: 1), Figures(p99: 5, failures: 0)],
            [Other] = [Figures(p99: 2, failures: 4), Figures(p99: 2, failures: 0)],
        });

        Assert.Equal([3, 5], result.Rounds);
        Assert.Equal(4, result.Median);
        Assert.Equal([2, 1], result.Comparisons.Select(comparison => comparison.Ratio));
        Assert.Equal(5, result.Failures);
        Assert.False(result.IsIncomplete);

        static CellFigures Figures(double p99, long failures) => new(P50: 1, p99, RequestsPerSecond: 1, CpuPerRequest: 1, failures);
    }
}
