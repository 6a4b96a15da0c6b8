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
    /// <summary>The latencies up to the last full second; <c>null</c> before that.</summary>
    public LatencyRecorder? SoFar { get; init; }

    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static RunProgress Of(Workload workload, RunSchedule? schedule, IReadOnlyList<Worker> workers)
    {
        long now = Stopwatch.GetTimestamp();
        bool isWarmUp = schedule is null || now < schedule.MeasureFrom;
        long done = workers.Sum(worker => (isWarmUp ? worker.WarmUp : worker.Measured).Counts.Finished);
        long failed = workers.Sum(worker => (isWarmUp ? worker.WarmUp : worker.Measured).Counts.Failed);
        TimeSpan? left = schedule is null || schedule.EndsAt == long.MaxValue ? null
            : schedule.EndsAt > now ? Stopwatch.GetElapsedTime(now, schedule.EndsAt)
            : TimeSpan.Zero;
        return new RunProgress(isWarmUp, done, failed, workload.Requests, left);
    }
}
