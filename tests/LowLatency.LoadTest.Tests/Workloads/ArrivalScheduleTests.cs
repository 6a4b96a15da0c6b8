using System.Diagnostics;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Workloads;

public class ArrivalScheduleTests
{
    private const long StartsAt = 5_000_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Threads_with_constant_arrivals_take_turns_at_equal_distances(int threads)
    {
        Workload workload = OpenLoop(rate: 10_000, Arrivals.Constant) with { Threads = threads };

        long[] all = [.. Enumerable.Range(0, threads).SelectMany(thread => Take(ArrivalSchedule.Of(workload, thread, StartsAt), 1_000)).Order()];

        long distance = Stopwatch.Frequency / 10_000;
        Assert.Equal(Enumerable.Range(0, all.Length).Select(number => StartsAt + (number * distance)), all);
    }

    [Fact]
    public void A_distance_that_is_no_whole_number_of_ticks_leaves_no_error_behind()
    {
        const int Count = 3_000_000;
        long last = Take(ArrivalSchedule.Of(OpenLoop(rate: 300_000, Arrivals.Constant), 0, StartsAt), Count + 1)[^1];
        Assert.InRange(last - StartsAt, (10 * Stopwatch.Frequency) - 1, (10 * Stopwatch.Frequency) + 1);
    }

    [Fact]
    public void Random_arrivals_have_the_rate_on_average_and_the_distances_of_the_exponential_distribution()
    {
        const int Count = 200_000;
        Workload workload = OpenLoop(rate: 10_000, Arrivals.Poisson) with { Threads = 2 };
        long[] all = [.. Enumerable.Range(0, 2).SelectMany(thread => Take(ArrivalSchedule.Of(workload, thread, StartsAt), Count / 2)).Order()];

        double[] distances = [.. all.Zip(all.Skip(1), (one, next) => (double)(next - one))];
        double mean = Stopwatch.Frequency / 10_000.0;

        // Both are four standard errors of so many.
        Assert.InRange(distances.Average(), mean * 0.99, mean * 1.01);
        Assert.InRange(distances.Count(distance => distance > mean) / (double)distances.Length, Math.Exp(-1) - 0.005, Math.Exp(-1) + 0.005);
    }

    [Fact]
    public void A_seed_is_a_schedule_and_another_seed_another_one()
    {
        Workload workload = OpenLoop(rate: 1_000, Arrivals.Poisson);
        long[] first = Take(ArrivalSchedule.Of(workload, 0, StartsAt), 100);

        Assert.Equal(first, Take(ArrivalSchedule.Of(workload, 0, StartsAt), 100));
        Assert.NotEqual(first, Take(ArrivalSchedule.Of(workload with { Seed = 2 }, 0, StartsAt), 100));
        Assert.NotEqual(first, Take(ArrivalSchedule.Of(workload, 1, StartsAt), 100));
    }

    private static Workload OpenLoop(double rate, Arrivals arrivals)
        => EndpointUrl.TryParse("tcp://127.0.0.1:1", out EndpointUrl? url, out _)
            ? new Workload { Target = url, Mode = WorkloadMode.OpenLoop, Rate = rate, Arrivals = arrivals }
            : throw new InvalidOperationException();

    private static long[] Take(ArrivalSchedule schedule, int count)
    {
        long[] taken = new long[count];
        for (int i = 0; i < count; i++)
        {
            taken[i] = schedule.Next;
            schedule.MoveOn();
        }

        return taken;
    }
}
