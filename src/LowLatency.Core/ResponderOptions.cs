using Microsoft.AspNetCore.Connections;

namespace LowLatency;

/// <summary>How a <see cref="ResponderConnectionHandler"/> cuts messages, and what it lets a peer do.</summary>
/// <remarks>
/// The timeouts are kept by one coarse sweep over all connections, every tenth of the shortest timeout (10 ms to 1 s): they cost a
/// request two plain stores, and end a connection up to two sweeps late, never early.
/// </remarks>
public sealed record ResponderOptions
{
    /// <summary>How messages are told apart. Default: <see cref="Framing.None"/>.</summary>
    public Framing Framing { get; init; } = Framing.None;

    /// <summary>The longest message, in bytes, without its framing; a longer one ends the connection. Default: 65,536.</summary>
    /// <remarks>Without framing there is nothing to measure, and the limit does not apply.</remarks>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>Reply bytes of one batch that may gather before they are flushed. Default: 1 MiB.</summary>
    public int MaxPendingReplyBytes { get; init; } = 1024 * 1024;

    /// <summary>How long a message may take from its first byte to its last. Default: <c>null</c>, as long as it likes.</summary>
    public TimeSpan? MessageTimeout { get; init; }

    /// <summary>
    /// Asked once for each connection: what says, on any thread, whether its transport holds back the beginning of a message, to which
    /// <see cref="MessageTimeout"/> applies then; <c>null</c> for one that does not. Default: <c>null</c>, no transport does.
    /// </summary>
    /// <remarks>For shared memory, where a message is read when all of it is there: <c>IPartialMessageFeature</c> of the transports.</remarks>
    public Func<ConnectionContext, Func<bool>?>? PartialMessage { get; init; }

    /// <summary>
    /// How long a connection may stay silent between messages, and in the middle of one where <see cref="MessageTimeout"/> is
    /// <c>null</c>. Default: <c>null</c>, as long as it likes.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a reply may wait for a peer that does not read. Default: 10 s; <c>null</c> for ever.</summary>
    public TimeSpan? ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
