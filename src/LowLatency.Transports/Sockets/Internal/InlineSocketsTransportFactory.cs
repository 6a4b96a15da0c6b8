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

    private readonly ILogger _logger = loggerFactory.CreateLogger("LowLatency.Transports.Sockets");

    public bool CanBind(EndPoint endpoint) => endpoint is SocketsEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var sockets = (SocketsEndPoint)endpoint;
        try
        {
            var transport = new SocketTransportFactory(Options.Create(Tuned(sockets)), loggerFactory);
            var listener = new GuardedListener(await transport.BindAsync(sockets.Address, cancellationToken), sockets, sockets.Limit ?? limit, _logger);
            sockets.Bound?.Invoke(listener);
            return listener;
        }
        catch (Exception exception) when (BindFailure.Describe(exception) is string reason)
        {
            throw new BindException(endpoint, reason, exception);
        }
    }

    private static SocketTransportOptions Tuned(SocketsEndPoint sockets) => new()
    {
        UnsafePreferInlineScheduling = true,
        WaitForDataBeforeAllocatingBuffer = false,
        NoDelay = true,
        Backlog = Backlog,
        CreateBoundListenSocket = address => ListenSocketFor(sockets, address),
    };

    private static Socket ListenSocketFor(SocketsEndPoint sockets, EndPoint address)
    {
        Socket socket = sockets.Inherited ?? CreateBoundListenSocket(address);
        if (OperatingSystem.IsLinux() && address is IPEndPoint)
        {
            // Accepted sockets inherit it.
            VanishedPeers.Detect(socket, sockets.VanishedPeerTimeout);
        }

        return socket;
    }

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
