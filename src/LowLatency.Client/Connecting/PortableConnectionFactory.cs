using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace LowLatency.Client.Connecting;

/// <summary>Connects by the framework's sockets, with the pipes of Kestrel's own transport: on every system, and slower.</summary>
internal sealed class PortableConnectionFactory(ILoggerFactory loggerFactory) : IConnectionFactory, IDisposable
{
    private readonly SocketConnectionContextFactory _contexts
        = new(new SocketConnectionFactoryOptions(), loggerFactory.CreateLogger("LowLatency.Client"));

    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        bool isTcp = endpoint is IPEndPoint;
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, isTcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (isTcp)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(endpoint, cancellationToken);
            return _contexts.Create(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _contexts.Dispose();
}
