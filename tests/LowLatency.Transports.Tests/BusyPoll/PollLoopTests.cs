using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Polling;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>Whose turn it is on a loop, and what becomes of what is posted to one that has ended.</summary>
public sealed class PollLoopTests
{
    private const int Timeout = Hanging.After;

    [Fact]
    public void A_source_has_one_turn_a_round_however_often_it_asks_for_the_next()
    {
        using PollLoop loop = NewLoop(setUpThread: null);
        var source = new Insatiable(loop, rounds: 5);

        loop.RunHere(source.Ask);

        Assert.Equal(5, source.Turns);
    }

    [Fact]
    public void Whoever_an_event_tells_of_waits_for_one_turn_of_another_also_where_a_ring_is_looked_at()
    {
        using PollLoop loop = NewLoop(setUpThread: null);
        using var caller = new Caller(loop);
        var source = new Insatiable(loop, rounds: 1000);
        source.AtTurn(500, caller.Call);

        loop.RunHere(() =>
        {
            loop.Spin(new Ring(loop, messages: 0, looks: 0));
            caller.Watch(() => source.Turns);
            source.Ask();
        });

        Assert.InRange(caller.HeardAt, 500, 501);
    }

    [Fact]
    public void Whoever_an_event_tells_of_waits_for_a_few_turns_of_a_ring_that_is_always_full()
    {
        using PollLoop loop = NewLoop(setUpThread: null);
        using var caller = new Caller(loop);
        var ring = new Ring(loop, messages: 64, looks: 1000);
        ring.AtLook(500, caller.Call);

        loop.RunHere(() =>
        {
            loop.Spin(ring);
            caller.Watch(() => ring.Looks);
        });

        Assert.InRange(caller.HeardAt, 500, 510);
    }

    [Fact]
    public void The_favourite_is_looked_at_beside_the_turns_of_another_and_does_not_keep_an_event_back()
    {
        using PollLoop loop = NewLoop(setUpThread: null);
        using var caller = new Caller(loop);
        using var favourite = new Favourite(loop);
        var source = new Insatiable(loop, rounds: 1000);
        source.AtTurn(500, caller.Call);

        loop.RunHere(() =>
        {
            caller.Watch(() => source.Turns);
            favourite.Watch();
        });
        Assert.True(favourite.IsLookedAt);
        int before = favourite.Looks;
        loop.RunHere(source.Ask);

        Assert.InRange(caller.HeardAt, 500, 501);
        Assert.InRange(favourite.Looks - before, 400, 1100);
    }

    [Fact(Timeout = Timeout)]
    public async Task Whoever_posts_behind_the_end_does_not_wait_for_another_post_that_runs_there()
    {
        PollLoop loop = NewLoop(static () => { });
        loop.EndWithin(Hanging.Patience);
        using var mayEnd = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = Task.Run(() => loop.Post(
            _ =>
            {
                begun.SetResult();
                mayEnd.Wait(TestContext.Current.CancellationToken);
            },
            null), TestContext.Current.CancellationToken);
        await begun.Task;

        await Task.Run(() => loop.Post(_ => ran.SetResult(), null), TestContext.Current.CancellationToken);

        mayEnd.Set();
        await ran.Task;
        await first;
    }

    [Fact]
    public void A_post_that_throws_behind_the_end_keeps_no_other_from_running()
    {
        PollLoop loop = NewLoop(static () => { });
        loop.EndWithin(Hanging.Patience);
        bool ran = false;

        Assert.Throws<InvalidOperationException>(() => loop.Post(
            _ =>
            {
                loop.Post(_ => ran = true, null);
                throw new InvalidOperationException("a bug");
            },
            null));

        Assert.True(ran);
        ran = false;
        loop.Post(_ => ran = true, null);
        Assert.True(ran);
    }

    [Fact(Timeout = Timeout)]
    public async Task Whoever_connects_while_the_loop_ends_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        PollLoop loop = NewLoop(setUpThread: null);
        StreamSocket socket = await Connecting.StartAsync(new StreamConnector(listener.LocalEndpoint), TestContext.Current.CancellationToken);
        var connecting = new ConnectingSource(loop, socket, listener.LocalEndpoint, inline: true, receiveBytes: 4096);
        Task<SocketConnection>? connected = null;
        loop.RunHere(() => loop.Add(new Last(() => connected = connecting.ConnectAsync(TestContext.Current.CancellationToken))));

        loop.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connected!);
        Assert.True(socket.IsClosed);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_factory_that_was_disposed_connects_to_nobody()
    {
        var factory = new BusyPollConnectionFactory();
        factory.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await factory.ConnectAsync(
            new IPEndPoint(IPAddress.Loopback, 1), TestContext.Current.CancellationToken));
    }

    private static PollLoop NewLoop(Action? setUpThread)
        => new("test", WaitStrategy.Blocking, new BusyPollTransportOptions(), cpusAreScarce: false, setUpThread, NullLogger.Instance);

    /// <summary>Asks for a turn in each turn.</summary>
    private sealed class Insatiable(PollLoop loop, int rounds) : PollSource
    {
        private int _at = -1;
        private Action? _do;

        internal int Turns { get; private set; }

        internal void AtTurn(int turn, Action action) => (_at, _do) = (turn, action);

        internal void Ask()
        {
            loop.RunLater(this);
            loop.RunLater(this);
        }

        internal override void OnTurn()
        {
            if (++Turns == _at)
            {
                _do!();
            }

            if (Turns < rounds)
            {
                Ask();
            }
        }

        internal override void OnEvents(EpollEvents events)
        {
        }

        internal override void OnLoopEnd()
        {
        }
    }

    /// <summary>Has so many messages at each of its first looks.</summary>
    private sealed class Ring(PollLoop loop, int messages, int looks) : PollSource
    {
        private int _at = -1;
        private Action? _do;

        internal int Looks { get; private set; }

        internal void AtLook(int look, Action action) => (_at, _do) = (look, action);

        internal override LookResult Look()
        {
            if (++Looks == _at)
            {
                _do!();
            }

            if (Looks > looks)
            {
                return LookResult.Nothing;
            }

            loop.Took(messages);
            return LookResult.Found;
        }

        internal override void OnEvents(EpollEvents events)
        {
        }

        internal override void OnLoopEnd()
        {
        }
    }

    /// <summary>Does something when it is told of the loop's end.</summary>
    private sealed class Last(Action action) : PollSource
    {
        internal override void OnEvents(EpollEvents events)
        {
        }

        internal override void OnLoopEnd() => action();
    }

    /// <summary>Can be made readable, and notes how far another was when it was told.</summary>
    private sealed class Caller(PollLoop loop) : PollSource, IDisposable
    {
        private readonly EventFile _file = new();
        private Func<int>? _progress;

        internal int HeardAt { get; private set; }

        internal void Watch(Func<int> progress)
        {
            _progress = progress;
            loop.Add(this);
            Assert.Equal(Errno.None, loop.Epoll.TryAdd(_file.Descriptor, EpollEvents.In, Tag));
        }

        internal void Call() => _file.Signal();

        internal override void OnEvents(EpollEvents events)
        {
            HeardAt = _progress!();
            _file.Clear();
        }

        internal override void OnLoopEnd()
        {
        }

        public void Dispose() => _file.Dispose();
    }

    /// <summary>Is readable until it is the favourite, and has nothing from then on.</summary>
    private sealed class Favourite(PollLoop loop) : PollSource, IDisposable
    {
        private readonly EventFile _file = new();

        internal int Looks { get; private set; }

        internal bool IsLookedAt { get; private set; }

        internal void Watch()
        {
            loop.Add(this);
            Assert.Equal(Errno.None, loop.Epoll.TryAdd(_file.Descriptor, EpollEvents.In, Tag));
            _file.Signal();
        }

        internal override bool BecomeFavourite()
        {
            _file.Clear();
            return IsLookedAt = true;
        }

        internal override void CeaseToBeFavourite() => IsLookedAt = false;

        internal override LookResult Look()
        {
            Looks++;
            return LookResult.Nothing;
        }

        internal override void OnEvents(EpollEvents events)
        {
        }

        internal override void OnLoopEnd()
        {
        }

        public void Dispose() => _file.Dispose();
    }
}
