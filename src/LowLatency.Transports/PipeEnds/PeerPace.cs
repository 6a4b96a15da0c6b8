using System.Diagnostics;

namespace LowLatency.Transports.PipeEnds;

/// <summary>How soon a peer's next message comes, once an application on the thread pool waits for it. Of whoever holds the read side.</summary>
/// <param name="soon">In ticks of <see cref="Stopwatch"/>; zero for never.</param>
internal struct PeerPace(long soon)
{
    // One failed look for so many waits that it would have saved, at worst.
    private const int Enough = 4;

    private long _since;
    private int _soon;

    /// <summary>The last messages have all come soon: it pays to look for the next one instead of waiting to be told.</summary>
    internal readonly bool IsQuick => _soon >= Enough;

    /// <summary>Until when to look.</summary>
    internal readonly long Deadline => Stopwatch.GetTimestamp() + soon;

    internal void WaitBegins()
    {
        if (soon > 0)
        {
            _since = Stopwatch.GetTimestamp();
        }
    }

    internal void WaitEnds()
    {
        if (soon > 0)
        {
            _soon = Stopwatch.GetTimestamp() - _since < soon ? Math.Min(_soon + 1, Enough) : 0;
        }
    }

    /// <summary>It has slowed down.</summary>
    internal void LookedInVain() => _soon = 0;
}
