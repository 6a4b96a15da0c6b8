namespace LowLatency.LoadTest.Measurement;

/// <summary>The seconds of a run, put together from all threads by one that measures nothing.</summary>
/// <remarks>
/// What is kept of a second reaches no further than its own maximum and takes some 10 KB, so that ten minutes are a few
/// megabytes whatever the rate.
/// </remarks>
internal sealed class IntervalSeries
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly LatencyRecorder Nothing = LatencyRecorder.Compact(new LatencyRecorder());

    private readonly List<Interval> _intervals = [];

    /// <summary>Takes what a thread has finished.</summary>
    public void Collect(IntervalRecorder recorder)
    {
        while (recorder.TryTake(out IntervalFigures figures))
        {
            Add(figures);
            recorder.Return(figures);
        }
    }

    /// <summary>The seconds so far. The last one may lack threads that are still in it.</summary>
    public IReadOnlyList<Interval> SoFar => [.. _intervals];

    /// <summary>All of them, the last one cut where the run ended.</summary>
    public IReadOnlyList<Interval> Until(TimeSpan end)
    {
        // A second in which nothing ended is one too.
        for (int number = _intervals.Count; number * Second < end; number++)
        {
            _intervals.Add(Empty(number));
        }

        return [.. _intervals.Select(interval => interval with { Length = interval.Start < end && end - interval.Start < Second ? end - interval.Start : Second })];
    }

    private void Add(IntervalFigures figures)
    {
        for (int number = _intervals.Count; number <= figures.Number; number++)
        {
            _intervals.Add(Empty(number));
        }

        Interval interval = _intervals[figures.Number];
        _intervals[figures.Number] = interval with
        {
            Ok = interval.Ok + figures.Ok,
            Failed = interval.Failed + figures.Failed,
            Latencies = LatencyRecorder.Compact(figures.Latencies, interval.Latencies),
        };
    }

    private static Interval Empty(int number) => new(number * Second, Second, 0, 0, Nothing);
}
