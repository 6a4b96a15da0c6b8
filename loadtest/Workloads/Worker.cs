using System.Diagnostics;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>A thread's share of a run: its connections, its part of the requests, its own figures.</summary>
/// <remarks>
/// All belongs to the thread that runs it, so that nothing is shared while it measures; others may look at the counts, and
/// take the seconds that are over. On connections that last it allocates nothing per request. What kind of worker it is says
/// when a connection that is free begins, and with what; this part is the loop around it: readiness, time limits, failed
/// connects, the end.
/// </remarks>
internal abstract class Worker : IDisposable
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

    // Those that may begin. No slot stands here twice, so that it never grows.
    private readonly Queue<ConnectionSlot> _free;
    private readonly int _roundsBetweenSweeps;
    private long? _requestsLeft;
    private int _resting;
    private int _round;
    private long _sweptAt;
    private long _unreachableSince;

    protected Worker(WorkerPlan plan, Func<ConnectionParts, Connection> connect)
    {
        Workload workload = plan.Workload;
        IConnector connector = plan.Sockets.CreateConnector(workload.Place, workload.Idle);
        var exchange = Exchange.Of(workload);

        // One byte more than a reply is enough to see a surplus; all connections of the thread share it.
        byte[] buffer = GC.AllocateArray<byte>(Math.Max(exchange.Reply.Length + 1, LeastReceiveBytes), pinned: true);
        _readiness = plan.Sockets.CreateReadiness(plan.Connections, workload.Idle);
        _slots = [.. Enumerable.Range(0, plan.Connections)
            .Select(index => new ConnectionSlot(connect(new ConnectionParts(exchange, connector, _readiness, index, buffer, plan.Clock))))];
        _free = new Queue<ConnectionSlot>(plan.Connections);
        _roundsBetweenSweeps = workload.Idle == IdleStrategy.Spin ? SpinsBetweenSweeps : 1;
        _requestsLeft = plan.Requests;
        Clock = plan.Clock;
        Hiccups = new HiccupWatch(workload);
        Measured = new Tally(workload.Mode, Hiccups, new IntervalRecorder());
        WarmUp = new Tally(workload.Mode, Hiccups);
        Opening = new ConnectionOpening(_slots);
    }

    /// <summary>What comes before <see cref="Run"/>: connecting.</summary>
    public ConnectionOpening Opening { get; }

    /// <summary>The figures of the measured phase.</summary>
    public Tally Measured { get; }

    /// <summary>Those of the warm-up: kept like the others, so that keeping them is warm as well, and never reported.</summary>
    public Tally WarmUp { get; }

    /// <summary>Good replies of the measured phase, connection by connection.</summary>
    public IEnumerable<long> RepliesByConnection => _slots.Select(slot => slot.Replies);

    /// <summary>The times in which the thread was not run although it spins; none where it sleeps.</summary>
    public HiccupWatch Hiccups { get; }

    public int Established => _slots.Count(slot => slot.Connection.WasEstablished);

    protected TimeProvider Clock { get; }

    protected RunSchedule Schedule { get; private set; } = null!;

    /// <summary>How many connections are free to begin.</summary>
    protected int Free => _free.Count;

    /// <summary>How many have something under way.</summary>
    protected int UnderWay { get; private set; }

    /// <summary>Whether the target has been away for so long that nothing more is to be hoped for.</summary>
    protected bool GaveUp { get; private set; }

    public static Worker Create(WorkerPlan plan) => plan.Workload.Mode switch
    {
        WorkloadMode.PingPong or WorkloadMode.PerConnection => new ClosedLoopWorker(plan),
        WorkloadMode.OpenLoop => new OpenLoopWorker(plan),
        WorkloadMode.Pipelined => new PipelinedWorker(plan),
        _ => throw new ArgumentOutOfRangeException(nameof(plan)),
    };

    /// <summary>Makes requests until the schedule or their number is exhausted and the last one has its outcome.</summary>
    public void Run(RunSchedule schedule)
    {
        Schedule = schedule;
        Measured.Intervals!.BeginAt(schedule.MeasureFrom);
        Hiccups.BeginAt(schedule.MeasureFrom);
        Begin();
        long startedAt = Clock.GetTimestamp();
        Hiccups.Look(startedAt);
        foreach (ConnectionSlot slot in _slots)
        {
            MakeFree(slot, startedAt);
        }

        BeginDue();
        while (UnderWay > 0 || HasMore(_free.Count + _resting))
        {
            int ready = Collect();
            for (int i = 0; i < ready; i++)
            {
                ConnectionSlot slot = _slots[_readiness.At(i)];
                if (slot.IsUnderWay)
                {
                    Follow(slot, slot.Connection.Advance());
                }
            }

            BeginDue();
            if (++_round >= _roundsBetweenSweeps || ready == 0)
            {
                _round = 0;
                SweepIfTime(Clock.GetTimestamp());
            }
        }

        End();
        Measured.Intervals.End();
    }

    /// <summary>Called once, before anything else.</summary>
    protected virtual void Begin()
    {
    }

    /// <summary>Called once, when nothing is under way any more.</summary>
    protected virtual void End()
    {
    }

    /// <summary>Whether something remains to be begun, though perhaps not yet.</summary>
    /// <param name="idle">How many connections are free or rest.</param>
    protected abstract bool HasMore(int idle);

    /// <summary>Whether nothing begins any more, so that nobody needs to wait for a connection.</summary>
    protected abstract bool IsOver(long now);

    /// <summary>Begins whatever is due on connections that are free.</summary>
    protected abstract void BeginDue();

    /// <summary>Takes note of what a connection came to; <c>null</c> when it is still at it.</summary>
    protected abstract void Follow(ConnectionSlot slot, Outcome? outcome);

    /// <summary>Counts what was under way on a connection as failed.</summary>
    protected abstract void CountFailure(ConnectionSlot slot, Outcome failure, long now);

    /// <summary>Collects what is ready, and may sleep until something is, where the workload says so.</summary>
    /// <returns>How many connections are worth a look.</returns>
    protected virtual int Collect() => Collect(_free.Count > 0 ? 0 : LongestSleep);

    protected int Collect(int longestSleepMilliseconds)
    {
        int ready = _readiness.Collect(longestSleepMilliseconds);
        if (_readiness.HasSlept)
        {
            Hiccups.Slept(Clock.GetTimestamp());
        }

        return ready;
    }

    /// <summary>How many milliseconds to sleep at most: what only time brings about must be seen too.</summary>
    protected int LongestSleep => _resting > 0 ? SleepMillisecondsWhileResting : SleepMilliseconds;

    /// <summary>Whether anything may still begin.</summary>
    protected bool MayBegin(long now) => !GaveUp && now < Schedule.EndsAt;

    /// <summary>Whether measured requests are left to be begun.</summary>
    protected bool HasRequestsLeft => _requestsLeft is not 0;

    /// <summary>Takes up to so many from the measured requests that are left.</summary>
    protected int TakeRequests(int most)
    {
        if (_requestsLeft is not long left)
        {
            return most;
        }

        int taken = (int)Math.Min(left, most);
        _requestsLeft = left - taken;
        return taken;
    }

    protected ConnectionSlot TakeFree() => _free.Dequeue();

    protected void MakeFree(ConnectionSlot slot, long now)
    {
        slot.FreeSince = now;
        _free.Enqueue(slot);
    }

    protected void HasBegun(ConnectionSlot slot)
    {
        slot.IsUnderWay = true;
        UnderWay++;
    }

    protected void HasEnded(ConnectionSlot slot)
    {
        slot.IsUnderWay = false;
        UnderWay--;
    }

    protected void HasConnected(ConnectionSlot slot)
    {
        slot.HasConnected();
        _unreachableSince = 0;
    }

    protected Tally TallyOf(bool isMeasured) => isMeasured ? Measured : WarmUp;

    // What fails at once waits for the next round, or it would keep the thread from its other connections.
    protected void Fail(ConnectionSlot slot, Outcome failure, long now)
    {
        CountFailure(slot, failure, now);
        HasEnded(slot);
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
            MakeFree(slot, now);
        }
    }

    private void SweepIfTime(long now)
    {
        Hiccups.Look(now);
        if (now - _sweptAt < SweepInterval)
        {
            return;
        }

        _sweptAt = now;
        GaveUp |= IsHopeless(now);
        bool isOver = IsOver(now);
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
        => Schedule.BeginUntil == long.MaxValue
        && _unreachableSince > 0
        && now - _unreachableSince > PatienceWithoutConnection * Schedule.Patience;

    private void SweepUnderWay(ConnectionSlot slot, long now)
    {
        if (now - Schedule.EndsAt >= Schedule.Patience)
        {
            Fail(slot, Outcome.Aborted, now);
        }
        else if (now < Schedule.EndsAt && now - slot.Connection.WaitingSince >= Schedule.Patience)
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
        MakeFree(slot, now);
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
