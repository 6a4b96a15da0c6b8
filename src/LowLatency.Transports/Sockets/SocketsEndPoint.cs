using System.Net;

namespace LowLatency.Transports.Sockets;

/// <summary>An address to be listened on by Kestrel's own Sockets transport, tuned for latency.</summary>
/// <remarks>The type, not the address, chooses the transport: other endpoints of the application keep theirs.</remarks>
/// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>.</param>
public sealed class SocketsEndPoint(EndPoint address) : EndPoint
{
    /// <summary>Where to listen.</summary>
    public EndPoint Address { get; } = address;

    /// <summary>Its connections take no slot of the <see cref="ConnectionLimit"/> and are never refused. Default: <c>false</c>.</summary>
    /// <remarks>For an application's own use of an endpoint that nobody else can reach, such as a warm-up.</remarks>
    public bool IsUnlimited { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Address.ToString()!;
}
