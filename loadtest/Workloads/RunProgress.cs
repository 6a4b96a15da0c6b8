using System.Diagnostics;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>How far a run has come.</summary>
/// <param name="IsWarmUp">Whether nothing is measured yet.</param>
/// <param name="Done">Requests that have ended in this phase.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Requests">How many there will be, if that is what ends the run.</param>
/// <param name="Left">How long it still takes, if that is what ends the run.</param>
internal sealed record RunProgress(bool IsWarmUp, long Done, long Failed, long? Requests, TimeSpan? Left)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>The seconds that are over; the last one may lack threads that are still in it.</summary>
    public IReadOnlyList<Interval> Intervals { get; init; } = [];

    /// <summary>The latencies of these seconds; <c>null</c> when there is none. Put together anew for whoever asks.</summary>
    public LatencyRecorder? SoFar
    {
        get
        {
            if (Intervals.Count == 0)
            {
                return null;
            }

            var soFar = new LatencyRecorder();
            foreach (Interval interval in Intervals)
            {
                soFar.Add(interval.Latencies);
            }

            return soFar;
        }
    }

    public static RunProgress Of(Workload workload, RunSchedule? schedule, IReadOnlyList<Worker> workers, IReadOnlyList<Interval> intervals)
    {
        long now = Stopwatch.GetTimestamp();
        bool isWarmUp = schedule is null || now < schedule.MeasureFrom;
        long done = workers.Sum(worker => (isWarmUp ? worker.WarmUp : worker.Measured).Counts.Finished);
        long failed = workers.Sum(worker => (isWarmUp ? worker.WarmUp : worker.Measured).Counts.Failed);
        TimeSpan? left = schedule is null || schedule.EndsAt == long.MaxValue ? null
            : schedule.EndsAt > now ? Stopwatch.GetElapsedTime(now, schedule.EndsAt)
            : TimeSpan.Zero;
        return new RunProgress(isWarmUp, done, failed, workload.Requests, left) { Intervals = intervals };
    }
}
