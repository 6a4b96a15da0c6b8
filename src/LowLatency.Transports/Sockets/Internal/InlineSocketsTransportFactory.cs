using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Kestrel's own Sockets transport with the settings that cost the least latency, for <see cref="SocketsEndPoint"/> only.</summary>
internal sealed class InlineSocketsTransportFactory(ILoggerFactory loggerFactory, IHostApplicationLifetime? lifetime = null, ConnectionLimit? limit = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // The kernel caps it at net.core.somaxconn.
    private const int Backlog = 4096;

    private readonly ILogger _logger = loggerFactory.CreateLogger("LowLatency.Transports.Sockets");

    public bool CanBind(EndPoint endpoint) => endpoint is SocketsEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var sockets = (SocketsEndPoint)endpoint;
        Socket socket;
        try
        {
            socket = Listen(sockets);
        }
        catch (Exception exception) when (BindFailure.Describe(exception, (sockets.Address as UnixDomainSocketEndPoint)?.ToString()) is string reason)
        {
            throw new BindException(endpoint, reason, exception);
        }

        var accepting = new SocketAccepting(socket, sockets.Address, _logger, fatal: () => EndOfAccepting.StopProcess(lifetime));
        var connections = new SocketConnectionContextFactory(Tuned(), loggerFactory.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        var listener = new GuardedListener(accepting, connections, sockets, sockets.Limit ?? limit, _logger);
        sockets.Bound?.Invoke(listener);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    private static SocketConnectionFactoryOptions Tuned() => new() { UnsafePreferInlineScheduling = true, WaitForDataBeforeAllocatingBuffer = false };

    private static Socket Listen(SocketsEndPoint sockets)
    {
        Socket socket = sockets.Inherited ?? CreateBoundListenSocket(sockets.Address);
        try
        {
            if (OperatingSystem.IsLinux() && sockets.Address is IPEndPoint)
            {
                // Accepted sockets inherit both: no call for each.
                socket.NoDelay = true;
                VanishedPeers.Detect(socket, sockets.VanishedPeerTimeout);
            }

            if (sockets.Inherited is null)
            {
                socket.Listen(Backlog);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
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
