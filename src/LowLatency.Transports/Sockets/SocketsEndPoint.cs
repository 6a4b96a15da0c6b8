using System.Net;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Sockets;

/// <summary>An address to be listened on by Kestrel's own Sockets transport, tuned for latency.</summary>
/// <remarks>The type, not the address, chooses the transport: other endpoints of the application keep theirs.</remarks>
/// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>.</param>
public sealed class SocketsEndPoint(EndPoint address) : EndPoint
{
    /// <summary>Where to listen.</summary>
    public EndPoint Address { get; } = address;

    /// <summary>A limit of its own. Default: <c>null</c>, the <see cref="ConnectionLimit"/> among the services, if there is one.</summary>
    public ConnectionLimit? Limit { get; init; }

    /// <summary>Called with the listener once it listens: whoever stops it ahead of the server needs it. Default: nothing.</summary>
    public Action<IConnectionListener>? Bound { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Address.ToString()!;
}
