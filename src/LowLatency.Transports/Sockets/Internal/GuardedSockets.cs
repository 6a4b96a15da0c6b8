using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Listens by Kestrel's own Sockets transport, and keeps to what the endpoint says of who may connect, how many, and for how long.</summary>
internal sealed class GuardedSockets(SocketConnectionFactoryOptions settings, ILoggerFactory loggerFactory, IHostApplicationLifetime? lifetime, ConnectionLimit? limit)
{
    // The kernel caps it at net.core.somaxconn.
    private const int Backlog = 4096;

    private readonly ILogger _logger = loggerFactory.CreateLogger("LowLatency.Transports.Sockets");

    /// <summary>Listens.</summary>
    /// <param name="place">Where and how.</param>
    /// <param name="asked">The endpoint as it was given to the server.</param>
    /// <exception cref="BindException">It cannot be listened on.</exception>
    /// <exception cref="AddressInUseException">A plain address is in use.</exception>
    internal IConnectionListener Bind(SocketsEndPoint place, EndPoint asked)
    {
        Socket socket;
        try
        {
            socket = Listen(place);
        }
        catch (Exception exception) when (BindFailure.Describe(exception, (place.Address as UnixDomainSocketEndPoint)?.ToString()) is string reason)
        {
            // Kestrel has its own words for this one, and tries the other address family of "localhost" by it.
            throw asked == place.Address && exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
                ? new AddressInUseException(reason, exception)
                : new BindException(asked, reason, exception);
        }

        var accepting = new SocketAccepting(socket, place.Address, _logger, fatal: () => EndOfAccepting.StopProcess(lifetime));
        var connections = new SocketConnectionContextFactory(settings, loggerFactory.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        var listener = new GuardedListener(accepting, connections, place, place.Limit ?? limit, _logger);
        place.Bound?.Invoke(listener);
        return listener;
    }

    private static Socket Listen(SocketsEndPoint place)
    {
        Socket socket = place.Inherited ?? CreateBoundListenSocket(place.Address);
        try
        {
            if (OperatingSystem.IsLinux() && place.Address is IPEndPoint)
            {
                // Accepted sockets inherit both: no call for each.
                socket.NoDelay = true;
                VanishedPeers.Detect(socket, place.VanishedPeerTimeout);
            }

            if (place.Inherited is null)
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
