using System.Diagnostics;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>A thread's share of a closed loop: its connections, its part of the requests, its own figures.</summary>
/// <remarks>
/// All belongs to the thread that runs it, so that nothing is shared while it measures; others may look at the counts. Once
/// connected, a ping-pong run allocates nothing.
/// </remarks>
internal sealed class Worker : IDisposable
{
    // Looking at the clock costs a tenth of a receive in vain: a worker that spins does so now and then. Its hiccups show in
    // these looks, which so must not be far apart.
    private const int SpinsBetweenSweeps = 16;
    private const int SleepMilliseconds = 10;
    private const int SleepMillisecondsWhileResting = 1;
    private const int PatienceWithoutConnection = 10;
    private const int LeastReceiveBytes = 64 * 1024;

    private static readonly long SweepInterval = Stopwatch.Frequency / 1_000;

    private readonly IReadiness _readiness;
    private readonly ConnectionSlot[] _slots;

    // Those that begin a request in the next round: no slot stands here twice, so that it cannot overflow.
    private readonly ConnectionSlot[] _due;
    private readonly bool _closesAfterReply;
    private readonly int _roundsBetweenSweeps;
    private readonly bool _watchesHiccups;
    private RunSchedule? _schedule;
    private long? _requestsLeft;
    private int _dueCount;
    private int _underWay;
    private int _resting;
    private int _round;
    private long _sweptAt;
    private long _unreachableSince;
    private bool _gaveUp;

    public Worker(Workload workload, ClientSockets sockets, int connections, long? requests)
    {
        IConnector connector = sockets.CreateConnector(workload.Target.EndPoint);
        var exchange = Exchange.Of(workload);

        // One byte more than a reply is enough to see a surplus; all connections of the thread share it.
        byte[] buffer = GC.AllocateArray<byte>(Math.Max(exchange.Reply.Length + 1, LeastReceiveBytes), pinned: true);
        _readiness = sockets.CreateReadiness(connections, workload.Idle);
        _slots = [.. Enumerable.Range(0, connections)
            .Select(index => new ConnectionSlot(new ClientConnection(exchange, connector, _readiness, index, buffer)))];
        _due = new ConnectionSlot[connections];
        _closesAfterReply = exchange.TimesConnect;
        _roundsBetweenSweeps = workload.Idle == IdleStrategy.Spin ? SpinsBetweenSweeps : 1;
        _requestsLeft = requests;
        Measured = new Tally(workload.Mode);
        WarmUp = new Tally(workload.Mode);
        Hiccups = new HiccupWatch(workload);
        _watchesHiccups = workload.Idle == IdleStrategy.Spin;
        Opening = new ConnectionOpening(_slots);
    }

    /// <summary>What comes before <see cref="Run"/>: connecting.</summary>
    public ConnectionOpening Opening { get; }

    /// <summary>The figures of the measured phase.</summary>
    public Tally Measured { get; }

    /// <summary>Those of the warm-up: kept like the others, so that keeping them is warm as well, and never reported.</summary>
    public Tally WarmUp { get; }

    /// <summary>The times in which the thread was not run although it spins; empty where it sleeps.</summary>
    public HiccupWatch Hiccups { get; }

    public int Established => _slots.Count(slot => slot.Connection.WasEstablished);

    /// <summary>Makes requests until the schedule or their number is exhausted and the last one has its outcome.</summary>
    public void Run(RunSchedule schedule)
    {
        _schedule = schedule;
        if (_watchesHiccups)
        {
            Hiccups.Begin(schedule.MeasureFrom);
        }

        foreach (ConnectionSlot slot in _slots)
        {
            _due[_dueCount++] = slot;
        }

        BeginDue();
        while (_underWay > 0 || _resting > 0 || _dueCount > 0)
        {
            int ready = _readiness.Collect(LongestSleep());
            for (int i = 0; i < ready; i++)
            {
                ConnectionSlot slot = _slots[_readiness.At(i)];
                if (slot.IsUnderWay)
                {
                    Follow(slot, slot.Connection.Advance());
                }
            }

            if (_dueCount > 0)
            {
                BeginDue();
            }

            if (++_round >= _roundsBetweenSweeps || ready == 0)
            {
                _round = 0;
                SweepIfTime(Stopwatch.GetTimestamp());
            }
        }
    }

    private int LongestSleep() => _dueCount > 0 ? 0 : _resting > 0 ? SleepMillisecondsWhileResting : SleepMilliseconds;

    // What fails at once waits for the next round, or it would keep the thread from its other connections.
    private void BeginDue()
    {
        int count = _dueCount;
        _dueCount = 0;
        long now = Stopwatch.GetTimestamp();
        Hiccups.Look(now);
        for (int i = 0; i < count; i++)
        {
            BeginNext(_due[i], now);
        }
    }

    private void BeginNext(ConnectionSlot slot, long now)
    {
        bool isMeasured = now >= _schedule!.MeasureFrom;
        if (_gaveUp || now >= _schedule.EndsAt || (isMeasured && _requestsLeft == 0))
        {
            return;
        }

        slot.IsMeasured = isMeasured;
        if (isMeasured)
        {
            _requestsLeft--;
        }

        TallyOf(slot).Counts.Begin();
        slot.IsUnderWay = true;
        _underWay++;
        Follow(slot, slot.Connection.Begin());
    }

    private void Follow(ConnectionSlot slot, Outcome? outcome)
    {
        switch (outcome)
        {
            case null:
                return;

            case Outcome.Ok:
                long receivedAt = slot.Connection.ReceivedAt;
                End(slot, Outcome.Ok, receivedAt);
                if (_closesAfterReply)
                {
                    slot.Connection.Close();
                }

                HasConnected(slot);
                BeginNext(slot, receivedAt);
                return;

            case Outcome failure:
                Fail(slot, failure, Stopwatch.GetTimestamp());
                return;
        }
    }

    private void Fail(ConnectionSlot slot, Outcome failure, long now)
    {
        End(slot, failure, now);
        slot.Connection.Close();
        if (failure == Outcome.ConnectError)
        {
            slot.Rest(now);
            _resting++;
            _unreachableSince = _unreachableSince == 0 ? now : _unreachableSince;
        }
        else
        {
            HasConnected(slot);
            _due[_dueCount++] = slot;
        }
    }

    private void HasConnected(ConnectionSlot slot)
    {
        slot.HasConnected();
        _unreachableSince = 0;
    }

    private void End(ConnectionSlot slot, Outcome outcome, long now)
    {
        slot.IsUnderWay = false;
        _underWay--;
        if (outcome == Outcome.Ok)
        {
            TallyOf(slot).Succeeded(slot.Connection.StartedAt, now);
            Hiccups.Replied(slot.Connection.StartedAt, now, slot.IsMeasured);
        }
        else
        {
            TallyOf(slot).Failed(outcome, slot.Connection.Reason, now);
        }
    }

    private Tally TallyOf(ConnectionSlot slot) => slot.IsMeasured ? Measured : WarmUp;

    private void SweepIfTime(long now)
    {
        Hiccups.Look(now);
        if (now - _sweptAt < SweepInterval)
        {
            return;
        }

        _sweptAt = now;
        _gaveUp |= IsHopeless(now);
        bool isOver = _gaveUp || now >= _schedule!.EndsAt;
        _resting = 0;
        foreach (ConnectionSlot slot in _slots)
        {
            if (slot.IsUnderWay)
            {
                SweepUnderWay(slot, now);
            }
            else if (!isOver && slot.RestsUntil > 0)
            {
                SweepResting(slot, now);
            }
        }
    }

    // A number of requests without a limit of time could otherwise take days to fail one by one.
    private bool IsHopeless(long now)
        => _schedule!.BeginUntil == long.MaxValue
        && _unreachableSince > 0
        && now - _unreachableSince > PatienceWithoutConnection * _schedule.Patience;

    private void SweepUnderWay(ConnectionSlot slot, long now)
    {
        if (now - _schedule!.EndsAt >= _schedule.Patience)
        {
            Fail(slot, Outcome.Aborted, now);
        }
        else if (now < _schedule.EndsAt && now - slot.Connection.WaitingSince >= _schedule.Patience)
        {
            Fail(slot, slot.Connection.Expire(), now);
        }
        else if (slot.Connection.IsOpening)
        {
            // A full Unix backlog announces itself to nobody: try again.
            Follow(slot, slot.Connection.Advance());
        }
    }

    private void SweepResting(ConnectionSlot slot, long now)
    {
        if (now < slot.RestsUntil)
        {
            _resting++;
            return;
        }

        slot.Wake();
        _due[_dueCount++] = slot;
    }

    public void Dispose()
    {
        foreach (ConnectionSlot slot in _slots)
        {
            slot.Connection.Close();
        }

        _readiness.Dispose();
    }
}
