using System.Net;
using LowLatency.Transports.Polling;
using LowLatency.Transports.Sockets;
using LowLatency.Transports.Sockets.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>Listens by Kestrel's Sockets transport where there is no epoll: later, but to nobody else than was asked for.</summary>
internal sealed class FallbackTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly BusyPollTransportOptions _options;
    private readonly GuardedSockets _sockets;

    public FallbackTransportFactory(
        IOptions<BusyPollTransportOptions> options, ILoggerFactory loggerFactory, IHostApplicationLifetime? lifetime = null, ConnectionLimit? limit = null)
    {
        _options = options.Value;
        _sockets = new GuardedSockets(new SocketConnectionFactoryOptions(), loggerFactory, lifetime, limit);
        Log.FellBack(loggerFactory.CreateLogger("LowLatency.Transports.BusyPoll"));
    }

    public bool CanBind(EndPoint endpoint) => _options.CanBind(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        BusyPollEndPoint place = endpoint as BusyPollEndPoint ?? new BusyPollEndPoint(endpoint);
        if (place.AllowUsers.Count + place.AllowGroups.Count > 0)
        {
            throw new BindException(endpoint, "AllowUsers and AllowGroups need Linux, where the kernel says who connects; without them only the own user may.");
        }

        var sockets = new SocketsEndPoint(place.Address)
        {
            VanishedPeerTimeout = _options.VanishedPeerTimeout,
            LastReplyTimeout = _options.LastReplyTimeout,
            AllowNetworks = place.AllowNetworks,
            Limit = place.Limit,
            Refused = place.Refused,
            Bound = place.Bound,
            Inherited = place.Inherited,
        };
        return ValueTask.FromResult(_sockets.Bind(sockets, endpoint));
    }
}
