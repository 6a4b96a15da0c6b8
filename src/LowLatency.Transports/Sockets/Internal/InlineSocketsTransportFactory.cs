using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Kestrel's own Sockets transport with the settings that cost the least latency, for <see cref="SocketsEndPoint"/> only.</summary>
internal sealed class InlineSocketsTransportFactory(ILoggerFactory loggerFactory, ConnectionLimit? limit = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // The kernel caps it at net.core.somaxconn.
    private const int Backlog = 4096;

    private readonly SocketTransportFactory _sockets = new(Options.Create(Tuned()), loggerFactory);

    public bool CanBind(EndPoint endpoint) => endpoint is SocketsEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var sockets = (SocketsEndPoint)endpoint;
        try
        {
            IConnectionListener listener = await _sockets.BindAsync(sockets.Address, cancellationToken);
            listener = (sockets.Limit ?? limit) is ConnectionLimit slots ? new LimitedListener(listener, slots) : listener;
            sockets.Bound?.Invoke(listener);
            return listener;
        }
        catch (Exception exception) when (BindFailure.Describe(exception) is string reason)
        {
            throw new BindException(endpoint, reason, exception);
        }
    }

    private static SocketTransportOptions Tuned() => new()
    {
        UnsafePreferInlineScheduling = true,
        WaitForDataBeforeAllocatingBuffer = false,
        NoDelay = true,
        Backlog = Backlog,
        CreateBoundListenSocket = CreateBoundListenSocket,
    };

    private static Socket CreateBoundListenSocket(EndPoint address)
    {
        if (address is not UnixDomainSocketEndPoint unix)
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        }

        string path = unix.ToString();
        UnixSocketPath.Prepare(path);
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        UnixSocketPath.Restrict(path);
        return socket;
    }
}
