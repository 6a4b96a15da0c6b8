using System.Collections.Concurrent;
using System.Diagnostics;

namespace LowLatency.LoadTest.Measurement;

/// <summary>One thread's figures of each second, handed over to another thread as soon as the second is over.</summary>
/// <remarks>
/// The measuring thread writes, and allocates only when it gets nothing back: the collector returns what it has read. A
/// request belongs to the second in which it ended.
/// </remarks>
internal sealed class IntervalRecorder
{
    private readonly ConcurrentQueue<IntervalFigures> _over = new();
    private readonly ConcurrentQueue<IntervalFigures> _spare = new([new IntervalFigures(), new IntervalFigures()]);
    private IntervalFigures _current = new();
    private long _startedAt;
    private long _turnsAt = long.MaxValue;

    /// <summary>Begins to count seconds at a time in Stopwatch ticks.</summary>
    public void BeginAt(long startedAt)
    {
        _startedAt = startedAt;
        _turnsAt = startedAt + Stopwatch.Frequency;
    }

    public void Ok(long now, long nanoseconds)
    {
        TurnIfTime(now);
        _current.Ok++;
        _current.Latencies.Record(nanoseconds);
    }

    public void Failed(long now)
    {
        TurnIfTime(now);
        _current.Failed++;
    }

    /// <summary>Hands over the last second, which may be a part of one.</summary>
    public void End() => _over.Enqueue(_current);

    /// <summary>Takes the oldest second that is over. Another thread than the one that measures.</summary>
    public bool TryTake(out IntervalFigures figures) => _over.TryDequeue(out figures!);

    /// <summary>Gives back what <see cref="TryTake"/> gave.</summary>
    public void Return(IntervalFigures figures)
    {
        figures.Clear();
        _spare.Enqueue(figures);
    }

    private void TurnIfTime(long now)
    {
        if (now < _turnsAt)
        {
            return;
        }

        _over.Enqueue(_current);
        _current = _spare.TryDequeue(out IntervalFigures? spare) ? spare : new IntervalFigures();
        _current.Number = (int)((now - _startedAt) / Stopwatch.Frequency);
        _turnsAt = _startedAt + ((_current.Number + 1) * Stopwatch.Frequency);
    }
}
