using LowLatency.LoadTest.Searching;

namespace LowLatency.LoadTest.Tests.Searching;

/// <summary>The search against servers that are simulated: some with a knee that is known, some that are moody.</summary>
public class RateSearchTests
{
    private static readonly SearchBounds Bounds = new(From: 1_000, Most: 10_000_000, Precision: 0.05);

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_500)]
    [InlineData(47_300)]
    [InlineData(999_999)]
    [InlineData(37)]
    [InlineData(1.5)]
    public void A_knee_is_found_from_below_and_as_close_as_asked_for(double knee)
    {
        RateSearch search = Drive(Bounds, trial => trial.Rate <= knee);

        Assert.Equal(SearchEnding.Confirmed, search.Ending);
        Assert.InRange(search.Found!.Value, knee / 1.0501, knee);
        Assert.InRange(search.LowestMissed!.Value, knee, knee * 1.0501);
    }

    [Fact]
    public void It_doubles_then_bisects_then_confirms()
    {
        RateSearch search = Drive(Bounds with { Precision = 0.3 }, trial => trial.Rate <= 5_000);

        Assert.Equal(
            [
                (1_000, SearchPhase.Double, true), (2_000, SearchPhase.Double, true), (4_000, SearchPhase.Double, true),
                (8_000, SearchPhase.Double, false), (8_000, SearchPhase.Double, false),
                (6_000, SearchPhase.Bisect, false), (6_000, SearchPhase.Bisect, false),
                (5_000, SearchPhase.Bisect, true), (5_000, SearchPhase.Confirm, true),
            ],
            search.Steps.Select(step => (step.Rate, step.Phase, step.Held)));
    }

    [Fact]
    public void What_does_not_hold_at_first_is_halved()
    {
        RateSearch search = Drive(Bounds, trial => trial.Rate <= 100);

        Assert.Contains(search.Steps, step => step.Phase == SearchPhase.Halve);
        Assert.InRange(search.Found!.Value, 95, 100);
    }

    [Fact]
    public void A_server_that_holds_nothing_is_said_to()
    {
        RateSearch search = Drive(Bounds, _ => false);

        Assert.Equal(SearchEnding.NothingHolds, search.Ending);
        Assert.Null(search.Found);
        Assert.Equal(1, search.LowestMissed);
    }

    [Fact]
    public void A_server_without_a_limit_is_confirmed_at_the_most_and_said_to_have_none()
    {
        RateSearch search = Drive(Bounds with { Most = 100_000 }, _ => true);

        Assert.Equal(SearchEnding.HeldAtTheMost, search.Ending);
        Assert.Equal(100_000, search.Found);
        Assert.Null(search.LowestMissed);
        Assert.Equal(new SearchStep(100_000, SearchPhase.Confirm, true), search.Steps[^1]);
        Assert.All(search.Steps, step => Assert.True(step.Rate <= 100_000));
    }

    [Fact]
    public void One_stall_of_the_machine_does_not_decide()
    {
        int trials = 0;
        RateSearch search = Drive(Bounds, trial => ++trials != 3 && trial.Rate <= 50_000);

        Assert.InRange(search.Found!.Value, 50_000 / 1.0501, 50_000);
    }

    [Fact]
    public void What_only_holds_for_a_short_time_is_not_found()
    {
        // A queue that fills up: above 20,000 a second it takes longer than a short run to show.
        RateSearch search = Drive(Bounds, trial => trial.Rate <= (trial.Phase == SearchPhase.Confirm ? 20_000 : 40_000));

        Assert.Equal(SearchEnding.Confirmed, search.Ending);
        Assert.InRange(search.Found!.Value, 20_000 / 1.0501, 20_000);
    }

    [Fact]
    public void A_noisy_server_is_found_near_its_knee_whatever_the_noise()
    {
        const double Knee = 80_000;
        double[] found = [.. Enumerable.Range(0, 200).Select(seed =>
        {
            var random = new Random(seed);

            // Each trial meets a machine a few percent faster or slower, and one in twenty a stall that no rate survives.
            RateSearch search = Drive(Bounds, trial => random.Next(20) != 0 && trial.Rate <= Knee * (0.95 + (0.1 * random.NextDouble())));
            Assert.Equal(SearchEnding.Confirmed, search.Ending);
            return search.Found!.Value;
        }).Order()];

        Assert.InRange(found[100], Knee * 0.9, Knee * 1.05);
        Assert.InRange(found[^1], Knee * 0.9, Knee * 1.05);
        Assert.InRange(found[10], Knee * 0.7, Knee * 1.05);
    }

    [Fact]
    public void A_server_that_contradicts_itself_is_not_asked_for_ever()
    {
        RateSearch search = Drive(Bounds with { MostTrials = 40 }, trial => trial.Phase != SearchPhase.Confirm);

        Assert.Contains(search.Ending!.Value, (SearchEnding[])[SearchEnding.TooManyTrials, SearchEnding.NothingHolds]);
        Assert.Null(search.Found);
        Assert.True(search.Steps.Count <= 40);
    }

    [Fact]
    public void A_search_that_has_ended_takes_no_more()
    {
        RateSearch search = Drive(Bounds with { Most = 1_000 }, _ => true);

        Assert.Null(search.Next);
        Assert.Throws<InvalidOperationException>(() => search.Report(held: true));
    }

    private static RateSearch Drive(SearchBounds bounds, Func<SearchTrial, bool> holds)
    {
        var search = new RateSearch(bounds);
        while (search.Next is SearchTrial trial)
        {
            search.Report(holds(trial));
        }

        return search;
    }
}
