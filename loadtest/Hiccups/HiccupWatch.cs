using System.Diagnostics;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Hiccups;

/// <summary>Finds the hiccups of a measuring thread that spins, in the looks at the clock that it takes anyway.</summary>
/// <remarks>
/// <para>
/// jHiccup's idea is a thread that does nothing but look at the clock: when two looks lie further apart than they have to, the
/// machine ran something else. A measuring thread that spins is such a thread. One beside it would need a CPU of its own, or
/// take that of the one that measures and be itself the hiccup. What the kernel does within one of this thread's own system
/// calls - taking an interrupt, handling somebody's packets - cannot be told from not being run, and counts.
/// </para>
/// <para>The cost is a subtraction per look. Of one thread.</para>
/// </remarks>
internal sealed class HiccupWatch
{
    // Between two looks there is a handful of system calls at most: some microseconds.
    private const long LeastNanoseconds = 25_000;

    // A connect over loopback does the listener's work as well.
    private const long LeastNanosecondsWithConnect = 100_000;

    private readonly long _leastTicks;
    private readonly bool _spins;
    private long _countsFrom = long.MaxValue;
    private long _lookedAt = long.MaxValue;
    private long _endedAt;

    public HiccupWatch(Workload workload)
    {
        // Bytes are copied at about one in a nanosecond, at worst.
        long least = workload.Mode == WorkloadMode.PerConnection ? LeastNanosecondsWithConnect : LeastNanoseconds;
        least += workload.Request.Length + workload.Expect.Length;
        Log = new HiccupLog(least);
        _spins = workload.Idle == IdleStrategy.Spin;
        _leastTicks = (long)(least * (Stopwatch.Frequency / 1e9));
    }

    public HiccupLog Log { get; }

    /// <summary>The latencies of replies during whose wait there was a hiccup.</summary>
    public LatencyRecorder Coinciding { get; } = new();

    /// <summary>Begins to look, unless the thread sleeps; hiccups that are over before the measured phase do not count.</summary>
    public void BeginAt(long measureFrom)
    {
        _countsFrom = _spins ? measureFrom : long.MaxValue;
        _lookedAt = long.MaxValue;
    }

    /// <summary>Takes note of a look at the clock, whatever it was for.</summary>
    public void Look(long now)
    {
        long gap = now - _lookedAt;
        _lookedAt = now;
        if (gap >= _leastTicks)
        {
            Note(now, gap);
        }
    }

    /// <summary>The thread has slept until now of its own will, which is no hiccup.</summary>
    public void Slept(long now) => _lookedAt = now;

    /// <summary>Takes note of a good reply, after the look at the clock that says when it was there.</summary>
    public void Replied(long startedAt, long receivedAt, bool isMeasured)
    {
        Look(receivedAt);
        if (startedAt < _endedAt && isMeasured)
        {
            Coinciding.Record(LatencyRecorder.ToNanoseconds(receivedAt - startedAt));
        }
    }

    private void Note(long now, long gap)
    {
        if (now > _countsFrom)
        {
            Log.Note(now - gap, LatencyRecorder.ToNanoseconds(gap));
            _endedAt = now;
        }
    }
}
