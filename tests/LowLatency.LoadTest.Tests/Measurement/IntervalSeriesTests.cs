using System.Diagnostics;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Tests.Measurement;

public class IntervalSeriesTests
{
    private static readonly long Second = Stopwatch.Frequency;

    [Fact]
    public void A_request_belongs_to_the_second_in_which_it_ended_and_threads_add_up()
    {
        var series = new IntervalSeries();
        foreach (int thread in Enumerable.Range(0, 2))
        {
            var recorder = new IntervalRecorder();
            recorder.BeginAt(100);
            recorder.Ok(100, 1_000);
            recorder.Failed(100 + Second - 1);
            recorder.Ok(100 + Second, 2_000);
            recorder.Ok(100 + (3 * Second), 5_000_000);
            recorder.End();
            series.Collect(recorder);
        }

        IReadOnlyList<Interval> intervals = series.Until(TimeSpan.FromSeconds(4.5));

        Assert.Equal([(2L, 2L), (2, 0), (0, 0), (2, 0), (0, 0)], intervals.Select(interval => (interval.Ok, interval.Failed)));
        Assert.Equal([0.0, 1, 2, 3, 4], intervals.Select(interval => interval.Start.TotalSeconds));
        Assert.Equal([1.0, 1, 1, 1, 0.5], intervals.Select(interval => interval.Length.TotalSeconds));
        Assert.Equal((2, 5_000_000, 5_000_000), (intervals[3].Latencies.Count, intervals[3].Latencies.Minimum, intervals[3].Latencies.Maximum));
    }

    [Fact]
    public void What_is_given_back_is_used_again()
    {
        var series = new IntervalSeries();
        var recorder = new IntervalRecorder();
        recorder.BeginAt(0);
        CountSeconds(recorder, series, 10);

        long before = GC.GetAllocatedBytesForCurrentThread();
        recorder.Ok(20 * Second, 1_000);
        recorder.Ok(21 * Second, 1_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100);
    }

    [Fact]
    public void Ten_minutes_are_a_few_megabytes()
    {
        var series = new IntervalSeries();
        var recorder = new IntervalRecorder();
        recorder.BeginAt(0);
        long before = GC.GetAllocatedBytesForCurrentThread();

        CountSeconds(recorder, series, 600);

        // More than is kept. What the process has is also that of the other tests.
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(600, series.Until(TimeSpan.FromMinutes(10)).Count);
        Assert.InRange(taken, 0, 20_000_000);
    }

    // Latencies of every size up to 100 ms, which is more than a second of a good run has.
    private static void CountSeconds(IntervalRecorder recorder, IntervalSeries series, int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            for (long latency = 1_000; latency < 100_000_000; latency = latency * 11 / 10)
            {
                recorder.Ok(second * Second, latency);
            }

            series.Collect(recorder);
        }

        recorder.End();
        series.Collect(recorder);
    }
}
