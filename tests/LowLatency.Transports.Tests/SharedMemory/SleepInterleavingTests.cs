using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Falling asleep over a ring, tried in every order that two CPUs with store buffers can bring about.</summary>
/// <remarks>
/// A model of what RingProducer and RingConsumer do, and of total store order: a store waits in its CPU's buffer, where its
/// own CPU sees it, until it reaches the memory, in order; a fence waits for the buffer to be empty, and so does an exchange.
/// The words are the count of what was committed and the flag; for a producer that waits for room they are the count of what
/// was consumed and the other flag, in the same order of steps.
/// </remarks>
public sealed class SleepInterleavingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_both_fences_no_order_of_events_loses_a_wake_up(int records)
        => Assert.False(CanLoseWakeUp(records, wakerFences: true, sleeperFences: true));

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void Without_either_fence_some_order_of_events_loses_one(bool wakerFences, bool sleeperFences)
        => Assert.True(CanLoseWakeUp(records: 1, wakerFences, sleeperFences));

    // Of the memory, of the two buffers (a store that is on its way, per word: a second one waits for the first), of the two CPUs.
    private readonly record struct State(
        int Records,
        int Flag,
        int Bells,
        int? RecordsOnTheirWay,
        int? FlagOnItsWay,
        Waker Waker,
        int Committed,
        Sleeper Sleeper,
        int Taken);

    private enum Waker
    {
        Commits,
        Fences,
        ReadsFlag,
        Exchanges,
        Rings,
        IsDone,
    }

    private enum Sleeper
    {
        Looks,
        SetsFlag,
        Fences,
        LooksAgain,
        Sleeps,
        ClearsFlag,
        IsDone,
    }

    private static bool CanLoseWakeUp(int records, bool wakerFences, bool sleeperFences)
    {
        var seen = new HashSet<State>();
        var open = new Stack<State>();
        open.Push(default);
        while (open.TryPop(out State state))
        {
            if (!seen.Add(state))
            {
                continue;
            }

            int before = open.Count;
            foreach (State next in Next(state, records, wakerFences, sleeperFences))
            {
                open.Push(next);
            }

            if (open.Count == before && state.Sleeper != Sleeper.IsDone)
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<State> Next(State state, int records, bool wakerFences, bool sleeperFences)
    {
        // The buffers reach the memory whenever they like.
        if (state.RecordsOnTheirWay is int committed)
        {
            yield return state with { Records = committed, RecordsOnTheirWay = null };
        }

        if (state.FlagOnItsWay is int flag)
        {
            yield return state with { Flag = flag, FlagOnItsWay = null };
        }

        bool wakersBufferIsEmpty = state.RecordsOnTheirWay is null;
        switch (state.Waker)
        {
            case Waker.Commits when wakersBufferIsEmpty:
                yield return state with { RecordsOnTheirWay = state.Committed + 1, Committed = state.Committed + 1, Waker = wakerFences ? Waker.Fences : Waker.ReadsFlag };
                break;
            case Waker.Fences when wakersBufferIsEmpty:
                yield return state with { Waker = Waker.ReadsFlag };
                break;
            case Waker.ReadsFlag:
                yield return state with { Waker = state.Flag != 0 ? Waker.Exchanges : AfterFlush(state, records) };
                break;
            case Waker.Exchanges when wakersBufferIsEmpty:
                yield return state with { Flag = 0, Waker = state.Flag != 0 ? Waker.Rings : AfterFlush(state, records) };
                break;
            case Waker.Rings:
                yield return state with { Bells = Math.Min(state.Bells + 1, 2), Waker = AfterFlush(state, records) };
                break;
        }

        bool sleepersBufferIsEmpty = state.FlagOnItsWay is null;
        switch (state.Sleeper)
        {
            case Sleeper.Looks:
                yield return AfterLook(state, records, Sleeper.SetsFlag);
                break;
            case Sleeper.SetsFlag when sleepersBufferIsEmpty:
                yield return state with { FlagOnItsWay = 1, Sleeper = sleeperFences ? Sleeper.Fences : Sleeper.LooksAgain };
                break;
            case Sleeper.Fences when sleepersBufferIsEmpty:
                yield return state with { Sleeper = Sleeper.LooksAgain };
                break;
            case Sleeper.LooksAgain:
                yield return state with { Sleeper = state.Records > state.Taken ? Sleeper.ClearsFlag : Sleeper.Sleeps };
                break;
            case Sleeper.Sleeps when state.Bells > 0:
                yield return state with { Bells = 0, Sleeper = Sleeper.ClearsFlag };
                break;
            case Sleeper.ClearsFlag when sleepersBufferIsEmpty:
                yield return state with { FlagOnItsWay = 0, Sleeper = Sleeper.Looks };
                break;
        }
    }

    private static Waker AfterFlush(State state, int records) => state.Committed == records ? Waker.IsDone : Waker.Commits;

    private static State AfterLook(State state, int records, Sleeper otherwise)
        => state.Records <= state.Taken ? state with { Sleeper = otherwise }
            : state.Taken + 1 == records ? state with { Taken = records, Sleeper = Sleeper.IsDone }
            : state with { Taken = state.Taken + 1 };
}
