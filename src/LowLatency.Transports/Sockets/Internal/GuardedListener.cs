using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>A listener that closes what is over the limit, or may not connect, before anybody sees it.</summary>
internal sealed class GuardedListener(
    SocketAccepting accepting, SocketConnectionContextFactory connections, SocketsEndPoint place, ConnectionLimit? limit, ILogger logger) : IConnectionListener
{
    private readonly RefusalSummary _refusals = new(logger, place.Address);

    public EndPoint EndPoint => accepting.LocalEndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await accepting.AcceptAsync(cancellationToken) is Socket accepted)
        {
            if (TryCreate(accepted) is not ConnectionContext connection)
            {
                continue;
            }

            if (Admits(connection))
            {
                return new GuardedConnection(connection, place, limit, logger);
            }

            connection.Abort();
            await connection.DisposeAsync();
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => new(accepting.StopAsync());

    public async ValueTask DisposeAsync()
    {
        await accepting.StopAsync();
        accepting.Dispose();
        connections.Dispose();
    }

    private ConnectionContext? TryCreate(Socket accepted)
    {
        try
        {
            if (place.Address is IPEndPoint && !OperatingSystem.IsLinux())
            {
                accepted.NoDelay = true;
            }

            return connections.Create(accepted);
        }
        catch (SocketException)
        {
            // Reset already: it has neither options nor an address any more.
            accepted.Dispose();
            return null;
        }
    }

    private bool Admits(ConnectionContext connection)
    {
        EndPoint? remote = connection.RemoteEndPoint;
        if (!PeerRules.AllowsAddress(remote, place.AllowNetworks))
        {
            Refuse(remote, "it is not among those allowed");
            place.Refused?.Invoke();
            return false;
        }

        if (limit?.TryEnter(remote) == false)
        {
            Refuse(remote, "the connection limit");
            return false;
        }

        return true;
    }

    private void Refuse(EndPoint? remote, string reason)
    {
        Polling.Log.ConnectionRefused(logger, place.Address, remote, reason);
        _refusals.Add(reason);
    }
}
