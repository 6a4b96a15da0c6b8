using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.PipeEnds;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Polling;

/// <summary>One thread that looks after listeners and connections: waits, accepts, receives, and runs the application inline.</summary>
/// <remarks>
/// <para>A round finds what there is to do, in this order: what other threads posted; sources that may hold more; the
/// sources that only a look can tell about (rings in shared memory, which cost a few nanoseconds each); the favourite; epoll,
/// which is a system call and therefore asked the less often the longer it has had nothing, but always behind the turn of a
/// source that held more: so long a wait is enough for the others. The favourite is the one connection that all recent messages
/// came from: it is taken out of epoll and received from without asking, so that a message costs one system call to find and
/// take, and one to answer.</para>
/// <para>Events are collected first and handled then; a source that left meanwhile is known by its tag.</para>
/// <para>Other threads reach it by <see cref="LoopPosts"/>, also while it sleeps, and when it has ended.</para>
/// </remarks>
internal sealed class PollLoop : IDisposable
{
    /// <summary>How long a closed connection is kept for a peer that still sends.</summary>
    internal static readonly TimeSpan LingerFor = TimeSpan.FromSeconds(2);

    /// <summary>How long whoever ends a loop waits for what the application runs there: code that blocks a loop is at fault, and holds nobody else up.</summary>
    internal static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(2);

    private const int EventsPerPoll = 256;
    private const ulong BellTag = ulong.MaxValue;

    /// <summary>What so few connections need is in the cache still.</summary>
    private const int FewEvents = 16;

    /// <summary>Messages in a row from one connection that make it the favourite.</summary>
    private const int FavouriteAfter = 16;

    /// <summary>Looks at the favourite between two looks at everything else, at most.</summary>
    private const int LooksPerPoll = 64;

    /// <summary>Looks at rings between two looks at epoll: at least so many, and at most. A message that was taken counts for several.</summary>
    private const int FewestLooksPerPoll = 64;
    private const int MostLooksPerPoll = 8192;
    private const int LooksPerMessage = 16;

    // While the application runs on another thread that may need this CPU. Measured on two CPUs: 5 ms halves the median of a
    // connection per request, and lets one in a hundred wait for a whole scheduler slice.
    private const int AwayMilliseconds = 1;

    // Where more connections than these keep the pool busy, the loop steps back instead of falling asleep: their messages then need
    // not wake it one by one, and are found together. With 64 over HTTP/1.1 on two CPUs that is a third to a half more requests a second;
    // with 8 the median would grow by a third.
    private const int FewAway = 8;
    private const int MostYields = 16;

    [ThreadStatic]
    private static PollLoop? _current;

    private readonly EpollBuffer _events = new(EventsPerPoll);
    private readonly LoopPosts _posts = new();
    private readonly LoopTimers _timers = new();
    private readonly SpunSources _spun = new();
    private readonly PollSlots _slots = new();
    private readonly List<PollSource> _later = [];
    private readonly List<PollSource> _turn = [];
    private readonly ILogger _logger;
    private readonly Thread? _thread;
    private readonly bool _cpusAreScarce;
    private SpinWaiter _waiter;
    private PollSource? _favourite;
    private PollSource? _lastActive;
    private bool _deliversElsewhere;
    private int _streak;
    private int _looks;
    private int _looksAtRings;
    private int _findsBesideFavourite;
    private int _looksPerPoll = FewestLooksPerPoll;
    private int _away;
    private int _lookers;
    private int _yields;
    private volatile bool _stopping;

    // Without something that sets up a thread there is none, and RunHere drives the loop.
    internal PollLoop(string name, WaitStrategy strategy, BusyPollTransportOptions options, bool cpusAreScarce, Action? setUpThread, ILogger logger)
    {
        _logger = logger;
        Spares = new LoopSpares(options.ReceiveBytes);
        _cpusAreScarce = cpusAreScarce;
        PoolSpinTicks = strategy == WaitStrategy.Blocking ? 0 : (long)(options.ThreadPoolSpinFor.TotalSeconds * Stopwatch.Frequency);
        LastReplyTimeout = options.LastReplyTimeout ?? Timeout.InfiniteTimeSpan;
        _waiter = new SpinWaiter(strategy, options.SpinFor);
        Errno error = Epoll.TryAdd(_posts.BellDescriptor, EpollEvents.In, BellTag);
        if (error != Errno.None)
        {
            // Asleep, it would hear of nothing that is posted.
            throw new LinuxException("epoll_ctl", error);
        }

        _thread = setUpThread is null ? null : new Thread(() => Run(setUpThread)) { IsBackground = true, Name = name };
        _thread?.Start();
    }

    internal Epoll Epoll { get; } = new();

    internal ILogger Logger => _logger;

    internal bool IsCurrentThread => _current == this;

    /// <summary>Whether the calling thread is a loop's, whichever one's.</summary>
    internal static bool IsOnAny => _current is not null;

    /// <summary>What its connections pass on to one another. On the loop.</summary>
    internal LoopSpares Spares { get; }

    /// <summary>How long a pool thread looks for the next message of a quick peer, in ticks of <see cref="Stopwatch"/>; zero for not at all.</summary>
    internal long PoolSpinTicks { get; }

    /// <summary>How long a connection that has ended waits for its peer to take what was sent last.</summary>
    internal TimeSpan LastReplyTimeout { get; }

    // ---- From any thread ----

    /// <summary>Has the loop run something, soon.</summary>
    internal void Post(Action<object?> action, object? state) => _posts.Post(action, state);

    /// <summary>Has a loop that sleeps look again. After a change that its <see cref="PollSource.PrepareToSleep"/> goes by.</summary>
    internal void WakeIfAsleep() => _posts.WakeIfAsleep();

    /// <summary>The application, or what prepares a connection for it, goes on on another thread, which needs a CPU to run on.</summary>
    internal void ApplicationLeft() => Interlocked.Increment(ref _away);

    /// <summary>A message was delivered. On the loop.</summary>
    /// <param name="elsewhere">To another thread, which needs a CPU to run on.</param>
    internal void Delivered(bool elsewhere) => _deliversElsewhere = elsewhere;

    /// <summary>The application waits for this loop again.</summary>
    internal void ApplicationCameBack() => Interlocked.Decrement(ref _away);

    /// <summary>A pool thread wants to look for messages of one connection. One at a time may.</summary>
    internal bool TryBeginLooking() => Volatile.Read(ref _lookers) == 0 && Interlocked.Exchange(ref _lookers, 1) == 0;

    internal void EndLooking() => Volatile.Write(ref _lookers, 0);

    public void Dispose() => EndWithin(EndsWithin);

    /// <summary>Has the loop end, and waits for it for so long at most.</summary>
    internal void EndWithin(TimeSpan patience)
    {
        BeginEnd();
        if (_thread is null)
        {
            RunHere(End);
        }
        else if (!IsCurrentThread && !_thread.Join(patience > TimeSpan.Zero ? patience : TimeSpan.Zero))
        {
            // It ends when the application gives it back, or with the process.
            Log.LoopLeftBehind(_logger, _thread.Name!, EndsWithin);
        }
    }

    /// <summary>Has the loop end, and does not wait for it.</summary>
    internal void BeginEnd()
    {
        _stopping = true;
        Post(static _ => { }, null);
    }

    // ---- Without a thread ----

    /// <summary>Runs a step as the loop, and then all that is due, on the calling thread: a loop without a thread goes step by step.</summary>
    internal void RunHere(Action? step)
    {
        PollLoop? outer = _current;
        _current = this;
        try
        {
            step?.Invoke();
            while (!_stopping && RunRound())
            {
            }
        }
        finally
        {
            _current = outer;
        }
    }

    // ---- On the loop ----

    internal void Add(PollSource source) => _slots.Add(source);

    internal void Remove(PollSource source)
    {
        _slots.Remove(source);
        if (_favourite == source)
        {
            _favourite = null;
        }

        if (_lastActive == source)
        {
            _lastActive = null;
        }
    }

    /// <summary>Looks at a source in every round from now on: no event tells of what comes there.</summary>
    internal void Spin(PollSource source) => _spun.Add(source);

    internal void Unspin(PollSource source) => _spun.Remove(source);

    /// <summary>A source that it spins on had so many messages at once: that took longer than a look. On the loop.</summary>
    internal void Took(int messages)
    {
        _looksAtRings += messages * LooksPerMessage;
        _timers.Took(messages);
    }

    /// <summary>Has a source's <see cref="PollSource.OnTurn"/> called in the next round: once, however often it is asked for.</summary>
    internal void RunLater(PollSource source)
    {
        if (!source.IsDue)
        {
            source.IsDue = true;
            _later.Add(source);
        }
    }

    /// <summary>Runs something after some time: up to a millisecond late where the loop sleeps, and 256 rounds or 16 events late where it does not.</summary>
    internal void RunAfter(TimeSpan delay, Action<object?> action, object? state) => _timers.Add(delay, action, state);

    private void Run(Action setUpThread)
    {
        _current = this;
        setUpThread();
        try
        {
            while (!_stopping)
            {
                if (RunRound())
                {
                    _waiter.Worked();
                    _yields = 0;
                }
                else
                {
                    Wait();
                }
            }
        }
        catch (Exception exception)
        {
            // Whatever the application throws ends in its own task. What arrives here is a bug of ours, and the connections are lost.
            Log.LoopFailed(_logger, exception);
            throw;
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        // First: whoever starts from now on is refused, and need not be told of an end that others have been told of already.
        Epoll.Dispose();
        foreach (PollSource source in _slots.Sources.ToArray())
        {
            source.OnLoopEnd();
        }

        // The application goes on from what it was told just now.
        while (_posts.Run() || _later.Count > 0)
        {
            RunTurns();
        }

        _posts.End();
        _posts.Dispose();
    }

    private bool RunRound()
    {
        _timers.RunNowAndThen();
        bool worked = _posts.Any && _posts.Run();
        bool turned = _later.Count > 0 && RunTurns();
        worked |= turned;
        if (_spun.Count > 0)
        {
            worked |= LookAtRings();
            if (!turned && _favourite is null && _looksAtRings < _looksPerPoll)
            {
                return worked;
            }
        }

        // One that is due holds more than one receive took: the others are looked at before it gets the next one.
        if (_favourite is { IsDue: false } favourite && ++_looks < LooksPerPoll)
        {
            LookResult result = favourite.Look();
            if (result == LookResult.NotLooking)
            {
                ForgetFavourite();
            }
            else if (!turned)
            {
                return FavouriteHad(result) || worked;
            }
        }

        _looks = 0;
        _looksAtRings = 0;
        bool handled = Handle(Epoll.Poll(_events));
        _looksPerPoll = handled ? FewestLooksPerPoll : Math.Min(2 * _looksPerPoll, MostLooksPerPoll);
        return handled || worked;
    }

    private bool FavouriteHad(LookResult result)
    {
        if (result != LookResult.Found)
        {
            return false;
        }

        _findsBesideFavourite = 0;
        _timers.Took(1);
        return true;
    }

    private bool LookAtRings()
    {
        _looksAtRings += _spun.Count;
        bool found = _spun.Look();
        if (found && _favourite is not null && ++_findsBesideFavourite >= FavouriteAfter)
        {
            // Its every look is a system call, which the rings pay for.
            ForgetFavourite();
        }

        return found;
    }

    private void Wait()
    {
        if (_cpusAreScarce && _deliversElsewhere)
        {
            // Spinning would keep the application, or its client, from the CPU that it needs for every message.
            if (Volatile.Read(ref _away) > FewAway && ++_yields <= MostYields)
            {
                Thread.Yield();
            }
            else
            {
                Sleep();
            }
        }
        else if (_cpusAreScarce && Volatile.Read(ref _away) > 0)
        {
            Sleep(atMost: AwayMilliseconds);
        }
        else if (_waiter.ShouldSleep(cheapRound: _looksAtRings > 0 && _favourite is null))
        {
            Sleep();
        }
    }

    // Until something comes, or a timer is due. In milliseconds.
    private void Sleep(int atMost = int.MaxValue)
    {
        ForgetFavourite();
        _timers.Run();
        int untilDue = _timers.MillisecondsLeft;
        int limit = untilDue >= 0 ? Math.Min(untilDue, atMost) : atMost == int.MaxValue ? -1 : atMost;
        _posts.FallAsleep();
        int count = 0;
        if (!_posts.Any && _later.Count == 0 && !_stopping && _spun.MaySleep())
        {
            count = Epoll.Wait(_events, limit);
        }

        _posts.WakeUp();
        _spun.Awake();
        if (Handle(count))
        {
            _waiter.Worked();
        }
    }

    private bool Handle(int count)
    {
        _timers.Took(count);
        bool many = count > FewEvents;
        for (int index = 0; index < count; index++)
        {
            if (many)
            {
                FetchAhead(index, count);
            }

            ulong tag = _events.TagAt(index);
            if (tag == BellTag)
            {
                _posts.ClearBell();
            }
            else if (_slots.Find(tag) is PollSource source)
            {
                Follow(source);
                source.OnEvents(_events.EventsAt(index));
            }
        }

        return count > 0;
    }

    /// <summary>Has the CPU fetch what the next events will use, while the kernel works for this one.</summary>
    /// <remarks>Step by step, an event ahead for each: what a step reads has been fetched by the one before it.</remarks>
    private void FetchAhead(int index, int count)
    {
        if (index + 4 < count && _events.TagAt(index + 4) is ulong inFour and not BellTag)
        {
            _slots.Prefetch(inFour);
        }

        CachePrefetch.Lines(SourceAt(index + 3, count), 0, 3);
        SourceAt(index + 2, count)?.PrefetchParts();
        SourceAt(index + 1, count)?.PrefetchApplication();
    }

    private PollSource? SourceAt(int index, int count)
        => index < count && _events.TagAt(index) is ulong tag and not BellTag ? _slots.Find(tag) : null;

    private void Follow(PollSource source)
    {
        if (source != _lastActive)
        {
            ForgetFavourite();
            _lastActive = source;
        }
        else if (_favourite is null && ++_streak >= FavouriteAfter)
        {
            _streak = 0;
            _favourite = source.BecomeFavourite() ? source : null;
        }
    }

    private void ForgetFavourite()
    {
        PollSource? favourite = _favourite;
        _favourite = null;
        _streak = 0;
        favourite?.CeaseToBeFavourite();
    }

    private bool RunTurns()
    {
        _turn.AddRange(_later);
        _later.Clear();
        foreach (PollSource source in _turn)
        {
            source.IsDue = false;
            source.OnTurn();
        }

        _turn.Clear();
        return true;
    }
}
