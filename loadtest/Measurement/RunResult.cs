using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Thresholds;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Measurement;

/// <summary>What a run came to.</summary>
/// <param name="Workload">What was asked for.</param>
/// <param name="Elapsed">From the first measured request's turn to the last one's end.</param>
/// <param name="Established">Connections that have been connected at least once.</param>
/// <param name="Figures">The figures of all threads.</param>
/// <param name="WasInterrupted">Whether somebody ended it early.</param>
internal sealed record RunResult(Workload Workload, TimeSpan Elapsed, int Established, Tally Figures, bool WasInterrupted)
{
    /// <summary>Good replies of each connection.</summary>
    public IReadOnlyList<long> RepliesByConnection { get; init; } = [];

    public OutcomeCounts Outcomes => Figures.Counts;

    /// <summary>What became of the requests of the warm-up, which no figure holds but the server's.</summary>
    public OutcomeCounts WarmUp { get; init; } = new();

    /// <summary>Response times: from the intended send in open loop, else from the actual send, or the connect where that is timed.</summary>
    public LatencyRecorder Latencies => Figures.Latencies;

    /// <summary>From the actual send; <c>null</c> where it is the same thing.</summary>
    public LatencyRecorder? ServiceTimes => Figures.ServiceTimes;

    /// <summary>Open loop: the actual send minus the intended one.</summary>
    public LatencyRecorder? SendLag => Figures.SendLag;

    /// <summary>Open loop: the tester's own lateness, which is the actual send minus the later of the intended one and when the connection was free.</summary>
    public LatencyRecorder? Lateness => Figures.Lateness;

    /// <summary>A connection for every request: how long the connect took.</summary>
    public LatencyRecorder? ConnectTimes => Figures.ConnectTimes;

    /// <summary>A connection for every request: from the send to the first byte of the reply.</summary>
    public LatencyRecorder? FirstByteTimes => Figures.FirstByteTimes;

    /// <summary>One a second.</summary>
    public IReadOnlyList<Interval> Intervals { get; init; } = [];

    public RunValidity Validity { get; init; } = RunValidity.Valid;

    /// <summary>When the measured phase began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The same in Stopwatch ticks.</summary>
    public long StartedAtTicks { get; init; }

    public HiccupRecord? Hiccups { get; init; }

    public ServerSideRecord? Server { get; init; }

    /// <summary>What became of the thresholds that were set.</summary>
    public IReadOnlyList<ThresholdVerdict> Verdicts { get; init; } = [];

    public double RequestsPerSecond => Elapsed > TimeSpan.Zero ? Outcomes[Outcome.Ok] / Elapsed.TotalSeconds : 0;

    /// <summary>
    /// Open loop: the rate at which requests were asked and ended, as a share of the rate at which the schedule held them;
    /// <c>null</c> where there is no schedule, or nothing was in it.
    /// </summary>
    public double? AchievedShare => AchievedShareWithout(TimeSpan.Zero);

    /// <summary>What that share would have been at best, had the run been shorter by <paramref name="delay"/>, or had gone on so much longer.</summary>
    public double? AchievedShareWithout(TimeSpan delay)
    {
        long scheduled = Outcomes.Attempted;
        if (Workload.Rate is not double rate || scheduled == 0 || Elapsed == TimeSpan.Zero)
        {
            return null;
        }

        if (delay >= Elapsed)
        {
            return 1;
        }

        // Without a duration the schedule is as long as its requests make it.
        TimeSpan window = Workload.Duration is TimeSpan duration && scheduled != Workload.Requests ? duration : TimeSpan.FromSeconds(scheduled / rate);
        double ended = scheduled - Outcomes[Outcome.Dropped] - Outcomes[Outcome.Aborted];
        double atBest = Math.Min(scheduled, ended * (1 + (delay / Elapsed)));
        return atBest / scheduled * Math.Min(1, window / (Elapsed - delay));
    }

    /// <summary>The share of good replies that took less than a millisecond; <c>null</c> when there was none.</summary>
    public double? UnderOneMillisecond
        => Latencies.Count > 0 ? (double)Latencies.UnderOneMillisecond / Latencies.Count : null;
}
