using System.Net;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>Listens by Kestrel's Sockets transport where there is no epoll.</summary>
internal sealed class FallbackTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets;

    public FallbackTransportFactory(ILoggerFactory loggerFactory)
    {
        _sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggerFactory);
        Log.FellBack(loggerFactory.CreateLogger("LowLatency.Transports.BusyPoll"));
    }

    public bool CanBind(EndPoint endpoint) => endpoint is BusyPollEndPoint || _sockets.CanBind(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => _sockets.BindAsync(endpoint is BusyPollEndPoint polled ? polled.Address : endpoint, cancellationToken);
}
