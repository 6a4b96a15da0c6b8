using System.Diagnostics;

namespace LowLatency.Transports.Polling;

/// <summary>What a loop runs later. On the loop.</summary>
internal sealed class LoopTimers
{
    /// <summary>What may pass between two looks at the clock while there is always something to do: rounds, an event counting for several.</summary>
    private const int RoundsPerLook = 256;
    private const int RoundsPerEvent = 16;

    private readonly PriorityQueue<(Action<object?> Action, object? State), long> _timers = new();
    private int _roundsSinceLook;

    /// <summary>How long the loop may sleep until something is due; -1 for without end.</summary>
    internal int MillisecondsLeft
    {
        get
        {
            if (!_timers.TryPeek(out _, out long due))
            {
                return -1;
            }

            long ticks = Math.Max(due - Stopwatch.GetTimestamp(), 0);
            return (int)Math.Min(((ticks * 1000) + Stopwatch.Frequency - 1) / Stopwatch.Frequency, int.MaxValue);
        }
    }

    internal void Add(TimeSpan delay, Action<object?> action, object? state)
        => _timers.Enqueue((action, state), Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency));

    /// <summary>So many events or messages took longer than as many rounds without one.</summary>
    /// <remarks>No further than to the next look: where nothing is pending for long, the count would overflow.</remarks>
    internal void Took(int events) => _roundsSinceLook = Math.Min(_roundsSinceLook + (events * RoundsPerEvent), RoundsPerLook);

    /// <summary>Runs what is due, in one of many rounds.</summary>
    internal void RunNowAndThen()
    {
        if (_timers.Count > 0 && ++_roundsSinceLook >= RoundsPerLook)
        {
            Run();
        }
    }

    /// <summary>Runs what is due.</summary>
    internal void Run()
    {
        _roundsSinceLook = 0;
        while (_timers.TryPeek(out (Action<object?> Action, object? State) timer, out long due) && due <= Stopwatch.GetTimestamp())
        {
            _timers.Dequeue();
            timer.Action(timer.State);
        }
    }
}
