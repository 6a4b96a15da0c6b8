using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Measurement;

public class RunJudgeTests
{
    private const int Requests = 10_000;
    private const long Microsecond = 1_000;

    [Fact]
    public void A_run_that_kept_its_schedule_is_valid()
        => Assert.True(Judge(elapsedSeconds: 10, response: 50 * Microsecond, lateness: 100).IsValid);

    [Fact]
    public void A_stall_that_is_over_well_before_the_end_does_not_count()
        => Assert.True(Judge(elapsedSeconds: 10, response: 50 * Microsecond, lateness: 100, worst: 200_000 * Microsecond).IsValid);

    [Fact]
    public void What_took_more_than_a_hundredth_longer_than_the_schedule_was_not_at_its_rate()
    {
        Assert.True(Judge(elapsedSeconds: 10.09, response: 50 * Microsecond, lateness: 100).IsValid);
        Assert.Contains("target was saturated: 98", Reason(Judge(elapsedSeconds: 10.12, response: 50 * Microsecond, lateness: 100)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_dropped_was_not_at_the_rate_either()
        => Assert.Contains("target was saturated", Reason(Judge(elapsedSeconds: 10, response: 50 * Microsecond, lateness: 100, dropped: 101)), StringComparison.Ordinal);

    [Fact]
    public void A_tester_that_is_late_says_so_and_does_not_blame_the_target()
    {
        RunValidity judgement = Judge(elapsedSeconds: 11, response: 1_200_000 * Microsecond, lateness: 1_000_000 * Microsecond);
        Assert.Contains("tester could not keep up", judgement.Reasons[0], StringComparison.Ordinal);
        Assert.Contains("tester was late: its own lateness has a p50 of 1.00 s", judgement.Reasons[1], StringComparison.Ordinal);
        Assert.Equal(2, judgement.Reasons.Count);
    }

    [Fact]
    public void A_target_that_would_have_missed_the_rate_anyway_was_saturated_however_late_the_tester_was()
    {
        RunValidity judgement = Judge(elapsedSeconds: 13, response: 2_000_000 * Microsecond, lateness: 1_500_000 * Microsecond);
        Assert.Contains("target was saturated", judgement.Reasons[0], StringComparison.Ordinal);
        Assert.Contains("tester was late", judgement.Reasons[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_that_was_missed_by_a_tester_that_was_not_run_is_not_the_targets_fault()
    {
        // Each of its many delays is short: the longest one would not account for it.
        RunValidity judgement = Judge(elapsedSeconds: 11, response: 50 * Microsecond, lateness: 100, hiccups: 150);
        Assert.Contains("tester could not keep up", judgement.Reasons[0], StringComparison.Ordinal);
        Assert.Contains("the tester was late: the machine did not run it for 13.6", judgement.Reasons[1], StringComparison.Ordinal);
        Assert.Equal(2, judgement.Reasons.Count);
    }

    [Fact]
    public void A_target_that_would_have_missed_the_rate_anyway_was_saturated_although_the_tester_was_not_run()
    {
        RunValidity judgement = Judge(elapsedSeconds: 20, response: 50 * Microsecond, lateness: 100, hiccups: 300);
        Assert.Contains("target was saturated", judgement.Reasons[0], StringComparison.Ordinal);
        Assert.Contains("the machine did not run it", judgement.Reasons[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_hiccups_do_not_excuse_a_target_that_misses_the_rate()
        => Assert.Contains("target was saturated", Reason(Judge(elapsedSeconds: 10.5, response: 50 * Microsecond, lateness: 100, hiccups: 60)), StringComparison.Ordinal);

    [Fact]
    public void The_rate_is_said_as_people_write_it()
        => Assert.Contains("rate of 3,333.333/s", Reason(Judge(elapsedSeconds: 10, response: 50 * Microsecond, lateness: 100, rate: 10_000 / 3.0)), StringComparison.Ordinal);

    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public void A_tenth_of_the_median_is_the_most(int lateMicroseconds, bool isValid)
        => Assert.Equal(isValid, Judge(elapsedSeconds: 10, response: 50 * Microsecond, lateness: lateMicroseconds * Microsecond).IsValid);

    [Fact]
    public void Less_than_a_microsecond_is_never_too_late()
        => Assert.True(Judge(elapsedSeconds: 10, response: 800, lateness: 700).IsValid);

    [Fact]
    public void A_closed_loop_has_no_schedule_to_miss()
    {
        Workload workload = new() { Target = Anywhere };
        Assert.True(RunJudge.Judge(new RunResult(workload, TimeSpan.FromSeconds(99), 1, new Tally(workload.Mode), WasInterrupted: false)).IsValid);
    }

    private static string Reason(RunValidity judgement) => Assert.Single(judgement.Reasons);

    // All requests alike, but for one hundred of them that may be worse; hiccups of 10 ms each.
    private static RunValidity Judge(double elapsedSeconds, long response, long lateness, long worst = 0, int dropped = 0, int hiccups = 0, double rate = 1_000)
    {
        var workload = new Workload { Target = Anywhere, Mode = WorkloadMode.OpenLoop, Rate = rate, Duration = TimeSpan.FromSeconds(Requests / rate) };
        var figures = new Tally(workload.Mode);
        figures.Counts.Begin(Requests);
        for (int number = 0; number < Requests - dropped; number++)
        {
            long took = worst > 0 && number < 100 ? worst : response;
            figures.SucceededAsScheduled(0, lateness, took - response + lateness, took + lateness);
        }

        for (int number = 0; number < dropped; number++)
        {
            figures.Failed(Outcome.Dropped, LowLatency.Linux.Errno.None, 0);
        }

        var log = new HiccupLog(least: Microsecond);
        for (int number = 0; number < hiccups; number++)
        {
            log.Note(number, 10_000 * Microsecond);
        }

        return RunJudge.Judge(new RunResult(workload, TimeSpan.FromSeconds(elapsedSeconds), 1, figures, WasInterrupted: false)
        {
            Hiccups = HiccupLog.Merge(HiccupMethod.Gaps, [log], coinciding: null),
        });
    }

    private static EndpointUrl Anywhere => EndpointUrl.TryParse("tcp://127.0.0.1:1", out EndpointUrl? url, out _) ? url : throw new InvalidOperationException();
}
