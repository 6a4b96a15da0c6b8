using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LowLatency;

/// <summary>What one transport's connections record: the hot half of <see cref="ResponderMetrics"/>.</summary>
/// <remarks>Recording allocates nothing and takes no lock of ours. Any thread.</remarks>
public sealed class TransportMetrics
{
    private static readonly double SecondsPerTick = 1.0 / Stopwatch.Frequency;

    private readonly ResponderMetrics _all;
    private readonly Histogram<double> _duration;
    private readonly KeyValuePair<string, object?> _label;
    private long _requests;

    internal TransportMetrics(ResponderMetrics all, Histogram<double> duration, string transport, int timedOneIn)
    {
        TimedOneIn = timedOneIn;
        _all = all;
        _duration = duration;
        Transport = transport;
        _label = new("network.transport", transport);
    }

    /// <summary>The label <c>network_transport</c>.</summary>
    public string Transport { get; }

    /// <summary>One read in so many is timed; 1 is every one.</summary>
    internal int TimedOneIn { get; }

    internal long Requests => Volatile.Read(ref _requests);

    /// <summary>Counts requests that were answered.</summary>
    internal void CountRequests(long count) => Interlocked.Add(ref _requests, count);

    /// <summary>Records requests that were read together and flushed together.</summary>
    /// <param name="count">How many.</param>
    /// <param name="started">When their bytes were in hand, as <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="flushed">When their replies had left.</param>
    internal void RecordDurations(int count, long started, long flushed)
    {
        double seconds = (flushed - started) * SecondsPerTick;
        for (int request = 0; request < count; request++)
        {
            _duration.Record(seconds, _label);
        }
    }

    internal void ConnectionOpened() => _all.AddConnections(1);

    internal void ConnectionClosed() => _all.AddConnections(-1);

    internal void CountError(ErrorType type) => _all.CountError(type);
}
