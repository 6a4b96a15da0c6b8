using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>Whose fault a bad run is, by a target and a clock that are no other's: the tester's stalls are its own, the target's are not.</summary>
public class TesterLatenessTests
{
    private const long Microsecond = 1_000;
    private const long Millisecond = 1_000_000;
    private const double Rate = 10_000;
    private const long Distance = 100 * Microsecond;

    private static readonly byte[] Respuesta = "respuesta"u8.ToArray();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 5)]
    [InlineData(30 * Microsecond, 1)]
    public void A_stall_of_the_tester_that_is_caught_up_with_leaves_the_run_valid_and_its_tail_marked(long afterTheSend, int connections)
    {
        // In between two requests, or while one is under way and its reply finds nobody.
        FakeTarget target = TargetOf(50 * Microsecond);
        target.Clock.StallAt(target.Clock.Now + (3_000 * Millisecond) + (20 * Distance) + afterTheSend - (afterTheSend == 0 ? 20 * Microsecond : 0), 300 * Millisecond);

        RunResult result = Run(target, connections);

        // Three in a hundred of the intended sends fall into the stall, and some more into catching up with it.
        Assert.InRange(result.Latencies.At(Percentile.P99)!.Value, 190 * Millisecond, 300 * Millisecond);
        Assert.True(result.Lateness!.At(Percentile.P99) < Microsecond);
        RunValidity validity = RunJudge.Judge(result);
        Assert.Empty(validity.Reasons);
        Assert.StartsWith("p99 and what lies beyond tell of the machine more than of the target: it did not run the tester for 300", Assert.Single(validity.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_stood_still_for_as_long_makes_nobody_late()
    {
        int number = 0;
        var target = new FakeTarget(Respuesta, _ => number++ == 30_000 ? 300 * Millisecond : 50 * Microsecond);

        RunResult result = Run(target);

        Assert.InRange(result.Latencies.At(Percentile.P99)!.Value, 190 * Millisecond, 300 * Millisecond);
        Assert.True(result.Lateness!.Maximum < Microsecond);
        RunValidity validity = RunJudge.Judge(result);
        Assert.Empty(validity.Reasons);
        Assert.Empty(validity.Warnings);
    }

    [Fact]
    public void A_short_hiccup_of_the_machine_leaves_the_run_valid()
    {
        FakeTarget target = TargetOf(50 * Microsecond);
        target.Clock.StallAt(target.Clock.Now + (3_000 * Millisecond), 20 * Millisecond);

        RunResult result = Run(target);

        Assert.InRange(result.Lateness!.Maximum, 19 * Millisecond, 21 * Millisecond);
        RunValidity validity = RunJudge.Judge(result);
        Assert.Empty(validity.Reasons);
        Assert.Empty(validity.Warnings);
    }

    [Fact]
    public void A_tester_that_runs_half_of_the_time_was_late()
    {
        FakeTarget target = TargetOf(20 * Microsecond);
        for (long at = target.Clock.Now + (4 * Millisecond); at < target.Clock.Now + (10_000 * Millisecond); at += 8 * Millisecond)
        {
            target.Clock.StallAt(at, 4 * Millisecond);
        }

        Assert.StartsWith("the tester was late: the machine did not run it for ", RunJudge.Judge(Run(target)).Reasons[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_saturated_is_not_the_testers_fault_and_neither_is_a_hiccup_before_it()
    {
        FakeTarget target = TargetOf(200 * Microsecond);
        target.Clock.StallAt(target.Clock.Now + (100 * Millisecond), 20 * Millisecond);

        RunResult result = Run(target);

        Assert.Contains("the target was saturated", Assert.Single(RunJudge.Judge(result).Reasons), StringComparison.Ordinal);
        Assert.True(result.Lateness!.Maximum < Microsecond);
    }

    private static FakeTarget TargetOf(long delay) => new(Respuesta, _ => delay);

    private static RunResult Run(FakeTarget target, int connections = 1) => KnownLatencyTests.Result(target, new Workload
    {
        Target = KnownLatencyTests.Anywhere,
        Mode = WorkloadMode.OpenLoop,
        Rate = Rate,
        Connections = connections,
        Duration = TimeSpan.FromSeconds(10),
    });
}
