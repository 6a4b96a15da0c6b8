using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>Whose turn it is on a loop, and what becomes of what is posted to one that has ended.</summary>
public sealed class PollLoopTests
{
    private const int Timeout = 30_000;

    [Fact]
    public void A_source_has_one_turn_a_round_however_often_it_asks_for_the_next()
    {
        using PollLoop loop = NewLoop(setUpThread: null);
        var source = new Insatiable(loop, rounds: 5);

        loop.RunHere(source.Ask);

        Assert.Equal(5, source.Turns);
    }

    [Fact(Timeout = Timeout)]
    public async Task Whoever_posts_behind_the_end_does_not_wait_for_another_post_that_runs_there()
    {
        PollLoop loop = NewLoop(static () => { });
        loop.Dispose();
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

    [Fact(Timeout = Timeout)]
    public async Task A_factory_that_was_disposed_connects_to_nobody()
    {
        var factory = new BusyPollConnectionFactory();
        factory.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await factory.ConnectAsync(
            new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1), TestContext.Current.CancellationToken));
    }

    private static PollLoop NewLoop(Action? setUpThread)
        => new("test", WaitStrategy.Blocking, new BusyPollTransportOptions(), cpusAreScarce: false, setUpThread, NullLogger.Instance);

    private sealed class Insatiable(PollLoop loop, int rounds) : PollSource
    {
        internal int Turns { get; private set; }

        internal void Ask()
        {
            loop.RunLater(this);
            loop.RunLater(this);
        }

        internal override void OnTurn()
        {
            if (++Turns < rounds)
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
}
