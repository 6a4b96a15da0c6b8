using LowLatency.LoadTest.Comparing;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Tests.Comparing;

/// <summary>Whether a comparison is fooled by chance, and whether it sees what is there, on machines that are simulated.</summary>
public class RunComparisonTests
{
    private const int Trials = 150;
    private const int TrialsOfWhatIsThere = 40;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_against_A_comes_out_as_no_difference_shown(bool arePaired)
    {
        // Without the practical threshold, which would hide what the statistics do.
        double falseAlarms = Share(metric => metric.Verdict != Verdict.NoDifferenceShown, Trials, 1, arePaired, thresholdPercent: 0);

        // At most 5 % for all five figures together is what is claimed; four standard deviations of so many trials more is chance.
        Assert.InRange(falseAlarms, 0, 0.05 + (4 * Math.Sqrt(0.05 * 0.95 / Trials)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_is_a_fifth_slower_is_found_slower_and_one_that_is_faster_faster(bool arePaired)
    {
        Assert.InRange(Share(metric => metric.Verdict == Verdict.Slower, TrialsOfWhatIsThere, 1.2, arePaired, thresholdPercent: 2), 0.95, 1);
        Assert.InRange(Share(metric => metric.Verdict == Verdict.Faster, TrialsOfWhatIsThere, 0.8, arePaired, thresholdPercent: 2), 0.95, 1);
    }

    [Fact]
    public void A_difference_that_is_certain_but_small_is_none()
    {
        SavedRun[] a = [.. Enumerable.Range(0, 10).Select(run => Exactly(100 + (run * 0.01)))];
        SavedRun[] b = [.. Enumerable.Range(0, 10).Select(run => Exactly(101 + (run * 0.01)))];

        MetricComparison small = RunComparison.Of(a, b, arePaired: false, thresholdPercent: 2, seed: 1).Metrics[0];
        MetricComparison enough = RunComparison.Of(a, b, arePaired: false, thresholdPercent: 0.5, seed: 1).Metrics[0];

        Assert.True(small.PValue < MetricComparison.Significance);
        Assert.Equal(Verdict.NoDifferenceShown, small.Verdict);
        Assert.Equal(Verdict.Slower, enough.Verdict);
        Assert.Equal(1, enough.Difference, 6);
        Assert.Equal(1.01, enough.Ratio, 3);
    }

    [Fact]
    public void More_requests_a_second_are_faster_and_longer_latencies_slower()
    {
        SavedRun[] a = [.. Enumerable.Range(0, 8).Select(run => Exactly(100 + run))];
        SavedRun[] b = [.. Enumerable.Range(0, 8).Select(run => Exactly(200 + run))];

        RunComparison comparison = RunComparison.Of(a, b, arePaired: false, thresholdPercent: 2, seed: 1);

        Assert.All(comparison.Metrics, metric => Assert.Equal(Verdict.Slower, metric.Verdict));
        Assert.Equal("B is slower: p50, requests/s", comparison.Summary);
        Assert.Equal("B is faster: p50, requests/s", RunComparison.Of(b, a, arePaired: false, thresholdPercent: 2, seed: 1).Summary);
    }

    [Fact]
    public void The_rate_of_an_open_loop_is_the_schedules_and_is_not_compared()
    {
        SavedRun[] runs = [.. Enumerable.Range(0, 5).Select(run => Exactly(100 + run) with { Mode = "open-loop" })];

        Assert.Equal(["p50"], RunComparison.Of(runs, runs, arePaired: false, thresholdPercent: 2, seed: 1).Metrics.Select(metric => metric.Metric.Name));
    }

    [Theory]
    [InlineData(3, true, false)]
    [InlineData(7, true, true)]
    [InlineData(3, false, false)]
    [InlineData(5, false, true)]
    public void So_few_runs_that_nothing_could_show_are_told_apart_from_enough(int runs, bool arePaired, bool canShow)
    {
        SavedRun[] some = [.. Enumerable.Range(0, runs).Select(run => Exactly(100 + run))];

        Assert.Equal(canShow, RunComparison.Of(some, some, arePaired, thresholdPercent: 2, seed: 1).CanShowADifference);
    }

    [Fact]
    public void Who_goes_first_changes_by_turns_or_by_the_seed()
    {
        Assert.Equal([true, false, true, false], RoundOrder.Of(4, seed: null));
        Assert.Equal(RoundOrder.Of(20, seed: 5), RoundOrder.Of(20, seed: 5));
        Assert.NotEqual(RoundOrder.Of(20, seed: 5), RoundOrder.Of(20, seed: 6));
        Assert.InRange(RoundOrder.Of(1_000, seed: 5).Count(aFirst => aFirst), 400, 600);
    }

    private static double Share(Func<MetricComparison, bool> isSo, int trials, double factorOfB, bool arePaired, double thresholdPercent)
    {
        var random = new Random(5);
        int found = 0;
        for (int trial = 0; trial < trials; trial++)
        {
            (SavedRun[] a, SavedRun[] b) = Simulated.Rounds(random, 10, factorOfB, sameMachine: arePaired);
            RunComparison comparison = RunComparison.Of(a, b, arePaired, thresholdPercent, seed: trial);
            found += comparison.Metrics.Any(isSo) ? 1 : 0;
        }

        return found / (double)trials;
    }

    private static SavedRun Exactly(double p50) => new()
    {
        Target = "tcp://127.0.0.1:1",
        Mode = "ping-pong",
        RequestsPerSecond = 1e6 / p50,
        LatencyMicroseconds = new Dictionary<string, double?> { ["p50"] = p50, ["p99"] = null },
    };
}
