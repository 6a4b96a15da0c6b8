using Microsoft.AspNetCore.Connections;

namespace LowLatency.Internal;

/// <summary>What a session is waiting for.</summary>
internal enum Waiting
{
    /// <summary>The next message.</summary>
    ForMessage,

    /// <summary>The rest of a message.</summary>
    ForRestOfMessage,

    /// <summary>The peer to take its replies.</summary>
    ForReader,
}

/// <summary>What a session leaves for the sweep to see: what it waits for, and how far it has come.</summary>
/// <remarks>
/// The session writes plain fields and reads no clock. The sweep remembers when it first saw a pair of values, and ends the
/// connection when the same pair has stood for longer than allowed. A stale read delays the end by one sweep; it cannot
/// bring it forward, because a session that moved on changes <see cref="Progress"/>.
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="metrics">Where its end is counted.</param>
/// <param name="holdsPartOfMessage">Whether the transport holds back the beginning of a message; <c>null</c> where it never does.</param>
internal sealed class ConnectionActivity(ConnectionContext connection, TransportMetrics? metrics, Func<bool>? holdsPartOfMessage = null)
{
    private const int NotEnded = 0;
    private const int EndedByUs = 1;

    private int _ended;

    /// <summary>Written by the session only.</summary>
    internal volatile Waiting Waiting;

    /// <summary>What it waits for, where a message that the transport has begun to take in is one that has begun. For the sweep.</summary>
    internal Waiting WaitingFor => Waiting == Waiting.ForMessage && holdsPartOfMessage?.Invoke() == true ? Waiting.ForRestOfMessage : Waiting;

    /// <summary>Flushes completed, and reads of a message where none has a time of its own; written by the session only.</summary>
    internal long Progress;

    /// <summary>The sweep's memory; no other thread touches it.</summary>
    internal (Waiting Waiting, long Progress, long SinceMilliseconds) Seen = (Waiting.ForMessage, -1, 0);

    /// <summary>The connection was ended on our side: what the session meets afterwards is no fault of the peer.</summary>
    internal bool EndedHere => Volatile.Read(ref _ended) != NotEnded;

    /// <summary>Ends the connection for a reason, once.</summary>
    internal void End(ErrorType reason)
    {
        if (Interlocked.Exchange(ref _ended, EndedByUs) == NotEnded)
        {
            metrics?.CountError(reason);
            connection.Abort(new ConnectionAbortedException($"Ended by a limit: {reason}."));
        }
    }
}
