using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Kestrel's own Sockets transport with the settings that cost the least latency, for <see cref="SocketsEndPoint"/> only.</summary>
internal sealed class InlineSocketsTransportFactory(ILoggerFactory loggerFactory, IHostApplicationLifetime? lifetime = null, ConnectionLimit? limit = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly GuardedSockets _sockets = new(Tuned(), loggerFactory, lifetime, limit);

    public bool CanBind(EndPoint endpoint) => endpoint is SocketsEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(_sockets.Bind((SocketsEndPoint)endpoint, endpoint));

    private static SocketConnectionFactoryOptions Tuned() => new() { UnsafePreferInlineScheduling = true, WaitForDataBeforeAllocatingBuffer = false };
}
