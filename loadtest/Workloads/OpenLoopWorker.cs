using System.Diagnostics;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>A schedule says when requests are sent; one that finds all connections busy waits here, and that wait is response time.</summary>
/// <remarks>
/// Requests leave in the order of the schedule, each on the connection that has been free for longest. After the end of the
/// schedule those still waiting are sent as long as a reply may take; what is left then was dropped.
/// </remarks>
internal sealed class OpenLoopWorker(WorkerPlan plan) : Worker(plan, parts => new ClientConnection(parts))
{
    // The kernel wakes a sleeper a little late, and epoll counts in milliseconds: the rest is looked at without sleeping.
    private static readonly long WakeUpMargin = Stopwatch.Frequency / 5_000;
    private static readonly long TicksPerMillisecond = Stopwatch.Frequency / 1_000;

    private readonly WorkerPlan _plan = plan;
    private readonly bool _sleeps = plan.Workload.Idle == IdleStrategy.Block;
    private ArrivalSchedule _arrivals = null!;
    private bool _isMeasured;
    private bool _isOver;

    private long Next => _arrivals.Next;

    protected override void Begin()
    {
        _arrivals = ArrivalSchedule.Of(_plan.Workload, _plan.Thread, Schedule.StartsAt);
        MeasureIfOver(Next);
    }

    protected override bool HasMore(int idle) => !_isOver;

    protected override bool IsOver(long now) => _isOver;

    // While nothing is under way there is nothing to ask the kernel for, and the clock is all that matters.
    protected override int Collect() => _sleeps ? CollectAsleep() : UnderWay == 0 ? 0 : Collect(0);

    private int CollectAsleep()
    {
        long untilNext = Free == 0 ? long.MaxValue : Next - Clock.GetTimestamp() - WakeUpMargin;
        int sleep = (int)Math.Clamp(untilNext / TicksPerMillisecond, 0, LongestSleep);
        if (sleep == 0)
        {
            // Where there is one CPU, the target needs it now.
            Thread.Yield();
        }

        return Collect(sleep);
    }

    protected override void BeginDue()
    {
        long now = Clock.GetTimestamp();
        Hiccups.Look(now);
        MeasureIfOver(now);
        _isOver |= GaveUp || now >= Schedule.DrainsUntil || Next >= Schedule.EndsAt || !HasRequestsLeft;
        for (int count = Free; count > 0 && Next <= now && !_isOver; count--)
        {
            BeginNext(TakeFree());
            now = Clock.GetTimestamp();
        }
    }

    private void BeginNext(ConnectionSlot slot)
    {
        slot.IsMeasured = _isMeasured;
        slot.IntendedAt = Next;
        MoveOn();
        TallyOf(slot.IsMeasured).Counts.Begin();
        HasBegun(slot);
        Outcome? outcome = ((ClientConnection)slot.Connection).Begin();
        slot.BegunAt = slot.Connection.WaitingSince;
        Follow(slot, outcome);
    }

    private void MoveOn()
    {
        if (_isMeasured)
        {
            TakeRequests(1);
        }

        _arrivals.MoveOn();
        MeasureIfOver(Next);
        _isOver |= Next >= Schedule.EndsAt || !HasRequestsLeft;
    }

    // The measured phase has a schedule of its own: the same one however long the warm-up was, and without what the warm-up,
    // which compiles and connects, could not get rid of.
    private void MeasureIfOver(long time)
    {
        if (!_isMeasured && time >= Schedule.MeasureFrom)
        {
            _isMeasured = true;
            _arrivals = ArrivalSchedule.Of(_plan.Workload, _plan.Thread, Schedule.MeasureFrom);
        }
    }

    protected override void Follow(ConnectionSlot slot, Outcome? outcome)
    {
        switch (outcome)
        {
            case null:
                return;

            case Outcome.Ok:
                var connection = (ClientConnection)slot.Connection;
                HasEnded(slot);
                TallyOf(slot.IsMeasured).SucceededAsScheduled(slot.IntendedAt, slot.Lateness, connection.SentAt, connection.ReceivedAt);
                HasConnected(slot);
                MakeFree(slot, connection.ReceivedAt);
                BeginDue();
                return;

            case Outcome failure:
                Fail(slot, failure, Clock.GetTimestamp());
                return;
        }
    }

    protected override void CountFailure(ConnectionSlot slot, Outcome failure, long now)
        => TallyOf(slot.IsMeasured).Failed(failure, slot.Connection.Reason, now);

    protected override void End()
    {
        long now = Clock.GetTimestamp();
        long until = Math.Min(now, Schedule.EndsAt);
        while (Next < until && HasRequestsLeft)
        {
            Tally tally = TallyOf(_isMeasured);
            tally.Counts.Begin();
            tally.Failed(Outcome.Dropped, LowLatency.Linux.Errno.None, now);
            MoveOn();
        }
    }
}
