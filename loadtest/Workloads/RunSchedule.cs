using System.Diagnostics;

namespace LowLatency.LoadTest.Workloads;

/// <summary>When a run's phases begin and end, in Stopwatch ticks; the same for all of its threads.</summary>
/// <param name="StartsAt">The beginning of the warm-up.</param>
/// <param name="MeasureFrom">Requests that begin before are warm-up: made, and forgotten.</param>
/// <param name="BeginUntil">No request begins from here on.</param>
/// <param name="Patience">How long a request may take, and how long one may still take at the end.</param>
internal sealed record RunSchedule(long StartsAt, long MeasureFrom, long BeginUntil, long Patience)
{
    private long _interruptedAt = long.MaxValue;

    public static RunSchedule StartingNow(Workload workload)
    {
        long startsAt = Stopwatch.GetTimestamp();
        long measureFrom = startsAt + Ticks(workload.WarmUp);
        long beginUntil = workload.Duration is TimeSpan duration ? measureFrom + Ticks(duration) : long.MaxValue;
        return new RunSchedule(startsAt, measureFrom, beginUntil, Ticks(workload.Timeout));
    }

    public bool WasInterrupted => Volatile.Read(ref _interruptedAt) != long.MaxValue;

    /// <summary>The end of the time in which requests begin, as things stand.</summary>
    public long EndsAt => Math.Min(BeginUntil, Volatile.Read(ref _interruptedAt));

    /// <summary>How long requests of an open loop that are late may still begin: who interrupts a run does not want to wait for them.</summary>
    public long DrainsUntil => WasInterrupted || BeginUntil > long.MaxValue - Patience ? EndsAt : BeginUntil + Patience;

    /// <summary>Ends the run early. Any thread.</summary>
    public void Interrupt() => Interlocked.CompareExchange(ref _interruptedAt, Stopwatch.GetTimestamp(), long.MaxValue);

    public static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
