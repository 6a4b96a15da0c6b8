namespace LowLatency.Internal;

/// <summary>Ends connections that have waited for too long: one timer for all of them, none per request.</summary>
internal sealed class DeadlineSweep : IDisposable
{
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(1);

    private readonly HashSet<ConnectionActivity> _connections = [];
    private readonly ResponderOptions _options;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly List<(ConnectionActivity, ErrorType)> _expired = [];
    private int _sweeping;

    private DeadlineSweep(ResponderOptions options, TimeSpan shortestTimeout, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        TimeSpan period = TimeSpan.FromTicks(Math.Clamp(shortestTimeout.Ticks / 10, ShortestPeriod.Ticks, LongestPeriod.Ticks));
        _timer = clock.CreateTimer(static state => ((DeadlineSweep)state!).Sweep(), this, period, period);
    }

    /// <summary>A sweep for the timeouts that are set; <c>null</c> when none is.</summary>
    internal static DeadlineSweep? For(ResponderOptions options, TimeProvider clock)
    {
        TimeSpan? shortest = new[] { options.MessageTimeout, options.IdleTimeout, options.ReplyTimeout }.Min();
        return shortest is TimeSpan timeout ? new DeadlineSweep(options, timeout, clock) : null;
    }

    internal void Add(ConnectionActivity connection)
    {
        lock (_connections)
        {
            _connections.Add(connection);
        }
    }

    internal void Remove(ConnectionActivity connection)
    {
        lock (_connections)
        {
            _connections.Remove(connection);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sweep()
    {
        // A timer does not wait for its last callback.
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
        {
            return;
        }

        try
        {
            Collect(Milliseconds(_clock));

            // Outside the lock: an abort may run the end of a session, which removes itself.
            foreach ((ConnectionActivity connection, ErrorType reason) in _expired)
            {
                connection.End(reason);
            }
        }
        finally
        {
            _expired.Clear();
            Volatile.Write(ref _sweeping, 0);
        }
    }

    private void Collect(long now)
    {
        lock (_connections)
        {
            foreach (ConnectionActivity connection in _connections)
            {
                (Waiting waiting, long progress) = (connection.WaitingFor, Volatile.Read(ref connection.Progress));
                if (connection.Seen.Waiting != waiting || connection.Seen.Progress != progress)
                {
                    connection.Seen = (waiting, progress, now);
                    continue;
                }

                if (Timeout(waiting, out ErrorType reason) is TimeSpan timeout
                    && now - connection.Seen.SinceMilliseconds >= timeout.TotalMilliseconds)
                {
                    _expired.Add((connection, reason));
                }
            }
        }
    }

    // Monotonic: a wall clock that jumps fires nothing.
    private static long Milliseconds(TimeProvider clock) => (long)clock.GetElapsedTime(0, clock.GetTimestamp()).TotalMilliseconds;

    private TimeSpan? Timeout(Waiting waiting, out ErrorType reason)
    {
        switch (waiting)
        {
            case Waiting.ForReader:
                reason = ErrorType.SlowReader;
                return _options.ReplyTimeout;
            case Waiting.ForRestOfMessage when _options.MessageTimeout is not null:
                reason = ErrorType.MessageTimeout;
                return _options.MessageTimeout;
            default:
                // Also in the middle of a message: otherwise its first byte would hold the connection for ever.
                reason = ErrorType.IdleTimeout;
                return _options.IdleTimeout;
        }
    }
}
