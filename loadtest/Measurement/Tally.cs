using LowLatency.Linux;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Measurement;

/// <summary>The figures of one thread and one phase: what became of its requests, and how long the good ones took.</summary>
/// <param name="mode">What kinds of times there are.</param>
/// <param name="hiccups">Who else is interested in replies, on the thread that measures.</param>
/// <param name="intervals">The seconds of a measured phase; none in a warm-up.</param>
internal sealed class Tally(WorkloadMode mode, HiccupWatch? hiccups = null, IntervalRecorder? intervals = null)
{
    public OutcomeCounts Counts { get; } = new();

    public LatencyRecorder Latencies { get; } = new();

    public LatencyRecorder? ServiceTimes { get; } = mode == WorkloadMode.OpenLoop ? new() : null;

    public LatencyRecorder? SendLag { get; } = mode == WorkloadMode.OpenLoop ? new() : null;

    public LatencyRecorder? Lateness { get; } = mode == WorkloadMode.OpenLoop ? new() : null;

    public LatencyRecorder? ConnectTimes { get; } = mode == WorkloadMode.PerConnection ? new() : null;

    public LatencyRecorder? FirstByteTimes { get; } = mode == WorkloadMode.PerConnection ? new() : null;

    /// <summary>When the last request ended by itself, in Stopwatch ticks; 0 when none did.</summary>
    public long LastEnded { get; private set; }

    /// <summary>The seconds of the phase, for whoever collects them while it lasts; none in a warm-up.</summary>
    public IntervalRecorder? Intervals => intervals;

    /// <summary>A good reply.</summary>
    /// <param name="startedAt">What its latency counts from, in Stopwatch ticks.</param>
    /// <param name="receivedAt">When its last bytes were received.</param>
    public void Succeeded(long startedAt, long receivedAt)
    {
        long nanoseconds = LatencyRecorder.ToNanoseconds(receivedAt - startedAt);
        Counts.End(Outcome.Ok);
        Latencies.Record(nanoseconds);
        intervals?.Ok(receivedAt, nanoseconds);
        hiccups?.Replied(startedAt, receivedAt, isMeasured: intervals is not null);
        LastEnded = receivedAt;
    }

    /// <summary>A good reply in an open loop, whose latency counts from when it was to be sent.</summary>
    /// <param name="intendedAt">When it was to be sent.</param>
    /// <param name="lateness">How much of the lag is the tester's, in Stopwatch ticks.</param>
    /// <param name="sentAt">When it was sent: later, where the connection had to be made again.</param>
    /// <param name="receivedAt">When its last bytes were received.</param>
    public void SucceededAsScheduled(long intendedAt, long lateness, long sentAt, long receivedAt)
    {
        Succeeded(intendedAt, receivedAt);
        ServiceTimes!.Record(LatencyRecorder.ToNanoseconds(receivedAt - sentAt));
        SendLag!.Record(LatencyRecorder.ToNanoseconds(sentAt - intendedAt));
        Lateness!.Record(LatencyRecorder.ToNanoseconds(lateness));
    }

    /// <summary>A good reply over a connection of its own, in parts.</summary>
    /// <param name="startedAt">When the connect began.</param>
    /// <param name="sentAt">When it was connected, and the send began.</param>
    /// <param name="firstReceivedAt">When the first bytes of the reply were received.</param>
    /// <param name="receivedAt">When the last ones were.</param>
    public void SucceededOnItsOwn(long startedAt, long sentAt, long firstReceivedAt, long receivedAt)
    {
        Succeeded(startedAt, receivedAt);
        ConnectTimes!.Record(LatencyRecorder.ToNanoseconds(sentAt - startedAt));
        FirstByteTimes!.Record(LatencyRecorder.ToNanoseconds(firstReceivedAt - sentAt));
    }

    public void Failed(Outcome outcome, Errno reason, long now)
    {
        Counts.End(outcome);
        Counts.NoteReason(outcome, reason);
        intervals?.Failed(now);
        if (outcome is not (Outcome.Aborted or Outcome.Dropped))
        {
            LastEnded = now;
        }
    }

    /// <summary>Takes over another thread's figures, after it has ended.</summary>
    public void Add(Tally other)
    {
        Counts.Add(other.Counts);
        Latencies.Add(other.Latencies);
        ServiceTimes?.Add(other.ServiceTimes!);
        SendLag?.Add(other.SendLag!);
        Lateness?.Add(other.Lateness!);
        ConnectTimes?.Add(other.ConnectTimes!);
        FirstByteTimes?.Add(other.FirstByteTimes!);
        LastEnded = Math.Max(LastEnded, other.LastEnded);
    }
}
