namespace LowLatency.Transports.Polling;

/// <summary>What a loop runs later. On the loop.</summary>
internal sealed class LoopTimers
{
    /// <summary>Rounds between two looks at the clock while there is always something to do.</summary>
    private const int RoundsPerLook = 256;

    private readonly PriorityQueue<(Action<object?> Action, object? State), long> _timers = new();
    private int _roundsSinceLook;

    internal bool Any => _timers.Count > 0;

    internal void Add(TimeSpan delay, Action<object?> action, object? state)
        => _timers.Enqueue((action, state), Environment.TickCount64 + (long)delay.TotalMilliseconds);

    /// <summary>Runs what is due, in one of many rounds.</summary>
    internal void RunNowAndThen()
    {
        if (Any && ++_roundsSinceLook >= RoundsPerLook)
        {
            Run();
        }
    }

    /// <summary>Runs what is due.</summary>
    internal void Run()
    {
        _roundsSinceLook = 0;
        long now = Environment.TickCount64;
        while (_timers.TryPeek(out (Action<object?> Action, object? State) timer, out long due) && due <= now)
        {
            _timers.Dequeue();
            timer.Action(timer.State);
        }
    }
}
