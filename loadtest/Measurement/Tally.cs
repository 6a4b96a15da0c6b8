using LowLatency.Linux;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Measurement;

/// <summary>The figures of one thread and one phase: what became of its requests, and how long the good ones took.</summary>
internal sealed class Tally(WorkloadMode mode)
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

    public void Succeeded(long startedAt, long receivedAt)
    {
        Counts.End(Outcome.Ok);
        Latencies.Record(LatencyRecorder.ToNanoseconds(receivedAt - startedAt));
        LastEnded = receivedAt;
    }

    public void Failed(Outcome outcome, Errno reason, long now)
    {
        Counts.End(outcome);
        Counts.NoteReason(outcome, reason);
        if (outcome != Outcome.Aborted)
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
