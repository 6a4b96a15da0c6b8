using System.Diagnostics;

namespace LowLatency.LoadTest.Workloads;

/// <summary>A connection's place in its worker: what it is doing, and when it may go on after a failed connect.</summary>
internal sealed class ConnectionSlot(Connection connection)
{
    // Long enough not to hammer a dead server, short enough to notice at once that it is back.
    private static readonly long FirstPause = Stopwatch.Frequency / 1_000;
    private static readonly long LongestPause = Stopwatch.Frequency / 100;

    private long _pause = FirstPause;

    public Connection Connection { get; } = connection;

    public bool IsUnderWay { get; set; }

    /// <summary>Whether the request under way belongs to the measured phase.</summary>
    public bool IsMeasured { get; set; }

    /// <summary>Good replies in the measured phase.</summary>
    public long Replies { get; set; }

    /// <summary>Open loop: when the request under way was to be sent.</summary>
    public long IntendedAt { get; set; }

    /// <summary>Open loop: since when the connection was free for the request under way.</summary>
    public long FreeSince { get; set; }

    /// <summary>Open loop: when the tester turned to the request under way.</summary>
    public long BegunAt { get; set; }

    /// <summary>Open loop: the tester's own part of the lag of the request under way, in Stopwatch ticks.</summary>
    public long Lateness => Math.Max(0, BegunAt - Math.Max(IntendedAt, FreeSince));

    /// <summary>When it may begin again; 0 when nothing keeps it.</summary>
    public long RestsUntil { get; private set; }

    /// <summary>Makes it rest, longer after each connect that failed since the last one that did not.</summary>
    public void Rest(long now)
    {
        RestsUntil = now + _pause;
        _pause = Math.Min(2 * _pause, LongestPause);
    }

    public void Wake() => RestsUntil = 0;

    public void HasConnected() => _pause = FirstPause;
}
