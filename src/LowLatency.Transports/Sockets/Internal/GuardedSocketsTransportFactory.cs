using System.Net;
using LowLatency.Transports.BusyPoll;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Kestrel's own Sockets transport, for <see cref="SocketsEndPoint"/> only; inline with the settings that cost the least latency.</summary>
internal sealed class GuardedSocketsTransportFactory(ILoggerFactory loggerFactory, IHostApplicationLifetime? lifetime = null, ConnectionLimit? limit = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly GuardedSockets _inline = new(Tuned(), loggerFactory, lifetime, limit);
    private readonly GuardedSockets _dispatched = new(new SocketConnectionFactoryOptions(), loggerFactory, lifetime, limit);

    public bool CanBind(EndPoint endpoint) => endpoint is SocketsEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var place = (SocketsEndPoint)endpoint;
        GuardedSockets sockets = place.Scheduling == ApplicationScheduling.Inline ? _inline : _dispatched;
        return ValueTask.FromResult(sockets.Bind(place, endpoint));
    }

    private static SocketConnectionFactoryOptions Tuned() => new() { UnsafePreferInlineScheduling = true, WaitForDataBeforeAllocatingBuffer = false };
}
