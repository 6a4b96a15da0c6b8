using System.Diagnostics;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>A target that delays by a known distribution, and a clock that is no other's: what is measured must be what was.</summary>
public class KnownLatencyTests
{
    private const long Microsecond = 1_000;
    private const long Millisecond = 1_000_000;

    // A latency lies between two looks at the clock, and the look on the way to each of them is paid for too.
    private const long ClockCost = 4 * FakeClock.Cost;
    private const double Precision = 0.001;

    private static readonly byte[] Respuesta = "respuesta"u8.ToArray();
    private static readonly Percentile[] Percentiles = [Percentile.P50, Percentile.P90, Percentile.P99, Percentile.P999, Percentile.P9999];

    [Fact]
    public void Every_percentile_of_a_closed_loop_is_that_of_the_delays()
    {
        long[] delays = LongTailed(200_000);
        var target = new FakeTarget(Respuesta, number => delays[number]);

        Tally figures = Run(target, new Workload { Target = Anywhere, Requests = delays.Length });

        Assert.Equal(delays.Length, figures.Counts[Outcome.Ok]);
        AssertPercentiles(delays, figures.Latencies);
    }

    [Fact]
    public void Every_percentile_of_many_connections_is_that_of_the_delays()
    {
        long[] delays = LongTailed(100_000);
        var target = new FakeTarget(Respuesta, number => delays[number]);

        // The clock looks after the other connections cost as well: the target knows how long each one really took.
        Tally figures = Run(target, new Workload { Target = Anywhere, Requests = delays.Length, Connections = 5 });

        AssertPercentiles([.. target.Answers.Select(answer => answer.AnsweredAt - answer.ArrivedAt)], figures.Latencies);
    }

    [Theory]
    [InlineData("Spin")]
    [InlineData("Block")]
    public void In_an_open_loop_both_times_are_what_the_target_knows(string idle)
    {
        const int Requests = 20_000;
        const double Rate = 10_000;
        long[] delays = [.. LongTailed(Requests).Select(delay => Math.Min(delay, 5 * Millisecond))];
        var target = new FakeTarget(Respuesta, number => delays[number]);
        long startsAt = target.Clock.Now;

        Tally figures = Run(target, new Workload { Target = Anywhere, Mode = WorkloadMode.OpenLoop, Rate = Rate, Requests = Requests, Idle = Enum.Parse<IdleStrategy>(idle) });

        Assert.Equal(Requests, figures.Counts[Outcome.Ok]);
        long[] intended = [.. Enumerable.Range(0, Requests).Select(number => startsAt + (long)(number * (Stopwatch.Frequency / Rate)))];
        AssertPercentiles([.. target.Answers.Select((answer, number) => answer.AnsweredAt - intended[number])], figures.Latencies);
        AssertPercentiles([.. target.Answers.Select(answer => answer.AnsweredAt - answer.ArrivedAt)], figures.ServiceTimes!);
        AssertPercentiles([.. target.Answers.Select((answer, number) => answer.ArrivedAt - intended[number])], figures.SendLag!);

        // The target is often busy when a request is due, and that is not the tester's fault.
        Assert.True(figures.SendLag!.At(Percentile.P99) > Millisecond);
        Assert.InRange(figures.Lateness!.Maximum, 0, (10 * FakeClock.Cost) + Microsecond);
    }

    [Fact]
    public void A_stall_shows_in_the_response_time_and_hardly_in_the_service_time()
    {
        const int Requests = 10_000;
        var target = new FakeTarget(Respuesta, number => number == 5_000 ? 200 * Millisecond : 50 * Microsecond);

        RunResult result = Result(target, new Workload { Target = Anywhere, Mode = WorkloadMode.OpenLoop, Rate = 1_000, Duration = TimeSpan.FromSeconds(10) });

        Assert.Equal(Requests, result.Outcomes[Outcome.Ok]);
        Assert.InRange(result.Latencies.At(Percentile.P99)!.Value, 90 * Millisecond, 120 * Millisecond);
        Assert.InRange(result.ServiceTimes!.At(Percentile.P999)!.Value, 50 * Microsecond, 60 * Microsecond);
        Assert.Empty(RunJudge.Judge(result).Reasons);
    }

    [Fact]
    public void A_closed_loop_hides_the_same_stall()
    {
        var target = new FakeTarget(Respuesta, number => number == 5_000 ? 200 * Millisecond : 50 * Microsecond);
        Tally figures = Run(target, new Workload { Target = Anywhere, Requests = 10_000 });
        Assert.InRange(figures.Latencies.At(Percentile.P999)!.Value, 50 * Microsecond, 60 * Microsecond);
    }

    [Fact]
    public void A_target_that_takes_half_the_rate_saturates_and_what_is_left_is_dropped()
    {
        var target = new FakeTarget(Respuesta, _ => 2 * Millisecond);

        RunResult result = Result(target, new Workload
        {
            Target = Anywhere,
            Mode = WorkloadMode.OpenLoop,
            Rate = 1_000,
            Duration = TimeSpan.FromSeconds(4),
            Timeout = TimeSpan.FromSeconds(1),
        });

        // Four seconds of schedule and one more to drain, at 500 a second.
        Assert.Equal(4_000, result.Outcomes.Attempted);
        Assert.InRange(result.Outcomes[Outcome.Ok], 2_490, 2_501);
        Assert.Equal(4_000, result.Outcomes.Finished);
        Assert.InRange(result.Outcomes[Outcome.Dropped], 1_498, 1_510);
        Assert.Contains("target was saturated", Assert.Single(RunJudge.Judge(result).Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_silent_costs_one_timeout_after_the_other_and_all_are_accounted_for()
    {
        var target = new FakeTarget(Respuesta, _ => 100_000 * Millisecond);

        RunResult result = Result(target, new Workload
        {
            Target = Anywhere,
            Mode = WorkloadMode.OpenLoop,
            Rate = 1_000,
            Duration = TimeSpan.FromSeconds(2),
            Timeout = TimeSpan.FromMilliseconds(100),
        });

        Assert.Equal(2_000, result.Outcomes.Attempted);
        Assert.Equal(2_000, result.Outcomes.Finished);
        Assert.InRange(result.Outcomes[Outcome.Timeout], 18, 20);
        Assert.Equal(0, result.Outcomes[Outcome.Ok]);
    }

    [Fact]
    public void What_the_warm_up_could_not_get_rid_of_does_not_burden_the_measured_phase()
    {
        // The warm-up takes two milliseconds for each of its requests, of which there is one every millisecond.
        var target = new FakeTarget(Respuesta, number => number < 500 ? 2 * Millisecond : 50 * Microsecond);
        var workload = new Workload { Target = Anywhere, Mode = WorkloadMode.OpenLoop, Rate = 1_000, Duration = TimeSpan.FromSeconds(2), WarmUp = TimeSpan.FromSeconds(1) };

        RunResult result = Result(target, workload);

        Assert.Equal((2_000, 2_000), (result.Outcomes.Attempted, result.Outcomes[Outcome.Ok]));
        Assert.InRange(result.Latencies.Maximum, 50 * Microsecond, 3 * Millisecond);
    }

    internal static EndpointUrl Anywhere => EndpointUrl.TryParse("tcp://127.0.0.1:1", out EndpointUrl? url, out _) ? url : throw new InvalidOperationException();

    private static Tally Run(FakeTarget target, Workload workload) => Result(target, workload).Figures;

    internal static RunResult Result(FakeTarget target, Workload workload)
    {
        using var worker = Worker.Create(new WorkerPlan(workload, target, workload.Connections, workload.Requests) { Clock = target.Clock });
        worker.Opening.OpenAll(RunSchedule.Ticks(workload.Timeout), CancellationToken.None);
        long startsAt = target.Clock.Now;
        long now = startsAt + RunSchedule.Ticks(workload.WarmUp);
        long until = workload.Duration is TimeSpan duration ? now + RunSchedule.Ticks(duration) : long.MaxValue;
        worker.Run(new RunSchedule(startsAt, now, until, RunSchedule.Ticks(workload.Timeout)));
        long end = until == long.MaxValue ? worker.Measured.LastEnded : Math.Max(until, worker.Measured.LastEnded);
        return new RunResult(workload, Stopwatch.GetElapsedTime(now, end), worker.Established, worker.Measured, WasInterrupted: false)
        {
            Hiccups = HiccupLog.Merge(HiccupMethod.Gaps, [worker.Hiccups.Log], worker.Hiccups.Coinciding),
        };
    }

    // Mostly some 20 us, and a tail that goes on for three decades.
    private static long[] LongTailed(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => (long)(20 * Microsecond / Math.Pow(1 - random.NextDouble(), 0.7)))];
    }

    private static void AssertPercentiles(long[] exact, LatencyRecorder measured)
    {
        Array.Sort(exact);
        foreach (Percentile percentile in Percentiles.Where(percentile => percentile.IsCarriedBy(exact.Length)))
        {
            double value = exact[(int)Math.Ceiling(exact.Length * percentile.Percent / 100) - 1];
            Assert.InRange((double)measured.At(percentile)!, value - ClockCost, (value * (1 + Precision)) + ClockCost);
        }
    }
}
