using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Sockets;

/// <summary>An address to be listened on by Kestrel's own Sockets transport, tuned for latency.</summary>
/// <remarks>The type, not the address, chooses the transport: other endpoints of the application keep theirs.</remarks>
/// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
/// <param name="scheduling">Where the application runs. Default: <see cref="ApplicationScheduling.Inline"/>, on the runtime's socket thread.</param>
public sealed class SocketsEndPoint(EndPoint address, ApplicationScheduling scheduling = ApplicationScheduling.Inline) : EndPoint
{
    /// <summary>Where to listen.</summary>
    public EndPoint Address { get; } = address;

    /// <summary>Where the application runs.</summary>
    public ApplicationScheduling Scheduling { get; } = scheduling;

    /// <summary>A limit of its own. Default: <c>null</c>, the <see cref="ConnectionLimit"/> among the services, if there is one.</summary>
    public ConnectionLimit? Limit { get; init; }

    /// <summary>Called with the listener once it listens: whoever stops it ahead of the server needs it. Default: nothing.</summary>
    public Action<IConnectionListener>? Bound { get; init; }

    /// <summary>
    /// A socket that listens already, as a service manager hands it down; the transport owns it from then on. What still waits to be
    /// accepted when the server stops is left to the next holder. Default: <c>null</c>, the transport makes and binds one.
    /// </summary>
    public Socket? Inherited { get; init; }

    /// <summary>
    /// How long a TCP peer may leave bytes or keep-alive probes unanswered, in whole seconds (rounded up), until its connection fails.
    /// Default: 2 min; <c>null</c> for keep-alive by the system's own times.
    /// </summary>
    /// <remarks>
    /// As <see cref="BusyPoll.BusyPollTransportOptions.VanishedPeerTimeout"/>, and on Linux only: elsewhere the system's own rules hold.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days.</exception>
    public TimeSpan? VanishedPeerTimeout { get; init => field = VanishedPeers.Allowed(value, nameof(VanishedPeerTimeout)); } = VanishedPeers.DefaultTimeout;

    /// <summary>
    /// How long, in all, a connection that the application has ended waits for its peer to take what was sent last. It is reset then.
    /// Default: 2 min; <c>null</c> for as long as the peer likes.
    /// </summary>
    /// <remarks>Kestrel takes up to 64 KiB more than the peer has room for: an application whose flush has returned cannot watch over them.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero, or above 24 days.</exception>
    public TimeSpan? LastReplyTimeout { get; init => field = VanishedPeers.Allowed(value, nameof(LastReplyTimeout)); } = VanishedPeers.DefaultTimeout;

    /// <summary>Called for every connection that was reset for that, on a thread of the pool: it must be short. Default: nothing.</summary>
    public Action? CutOff { get; init; }

    /// <summary>Networks that may connect; the others are closed at once. Default: none listed, every address may.</summary>
    /// <remarks>
    /// Each holds addresses of its own family: <c>::/0</c> is IPv6 only, and IPv4 is IPv4 also where a socket for both families shows it
    /// inside IPv6, so that no network within <c>::ffff:0:0/96</c> ever holds anybody.
    /// </remarks>
    public IReadOnlyList<IPNetwork> AllowNetworks { get; init; } = [];

    /// <summary>Called for every connection of somebody who may not connect, on the thread that accepts: it must be short. Default: nothing.</summary>
    public Action? Refused { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Address.ToString()!;
}
