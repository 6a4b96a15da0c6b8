using LowLatency.LoadTest.Comparing;

namespace LowLatency.LoadTest.Tests.Comparing;

public class BootstrapTests
{
    [Fact]
    public void The_same_seed_gives_the_same_interval_and_another_one_another()
    {
        double[] a = [10, 11, 12, 13, 14, 15, 16];
        double[] b = [12.1, 11.7, 14.3, 15.2, 16.9, 15.5, 19.4];

        Assert.Equal(Bootstrap.Of(a, b, arePaired: false, seed: 7), Bootstrap.Of(a, b, arePaired: false, seed: 7));
        Assert.NotEqual(Bootstrap.Of(a, b, arePaired: false, seed: 7).Ratio, Bootstrap.Of([.. a, 17.3], b, arePaired: false, seed: 8).Ratio);
    }

    [Fact]
    public void Runs_without_any_scatter_leave_no_doubt()
    {
        (ConfidenceInterval ratio, ConfidenceInterval difference) = Bootstrap.Of([10, 10, 10], [15, 15, 15], arePaired: false, seed: 1);

        Assert.Equal(new ConfidenceInterval(1.5, 1.5), ratio);
        Assert.Equal(new ConfidenceInterval(5, 5), difference);
    }

    [Fact]
    public void Pairs_that_drift_together_are_told_apart_more_finely_than_strangers()
    {
        double[] a = [10, 20, 30, 40, 50, 60, 70, 80];
        double[] b = [.. a.Select(value => value * 1.1)];

        ConfidenceInterval paired = Bootstrap.Of(a, b, arePaired: true, seed: 1).Ratio;
        ConfidenceInterval strangers = Bootstrap.Of(a, b, arePaired: false, seed: 1).Ratio;

        Assert.InRange(paired.High - paired.Low, 0, 0.001);
        Assert.True(strangers.High - strangers.Low > 0.2);
    }

    [Fact]
    public void The_interval_holds_the_truth_about_as_often_as_it_says()
    {
        var random = new Random(20_261_123);
        const int Trials = 300;
        int held = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] a = [.. Enumerable.Range(0, 12).Select(_ => Simulated.Normal(random, 100, 5))];
            double[] b = [.. Enumerable.Range(0, 12).Select(_ => Simulated.Normal(random, 120, 5))];
            held += Bootstrap.Of(a, b, arePaired: false, seed: trial).Ratio.Contains(1.2) ? 1 : 0;
        }

        // 95 % is what it says; that of a median of twelve is known to be a little wide of that, either way.
        Assert.InRange(held / (double)Trials, 0.90, 0.995);
    }
}
