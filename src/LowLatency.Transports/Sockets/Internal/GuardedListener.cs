using System.Net;
using LowLatency.Transports.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>A listener that closes what is over the limit, or may not connect, before anybody sees it.</summary>
internal sealed class GuardedListener(IConnectionListener inner, SocketsEndPoint place, ConnectionLimit? limit, ILogger logger) : IConnectionListener
{
    private readonly RefusalSummary _refusals = new(logger, place.Address);

    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await inner.AcceptAsync(cancellationToken) is ConnectionContext connection)
        {
            if (Admits(connection))
            {
                return connection;
            }

            connection.Abort();
            await connection.DisposeAsync();
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private bool Admits(ConnectionContext connection)
    {
        EndPoint? remote = connection.RemoteEndPoint;
        if (!PeerRules.AllowsAddress(remote, place.AllowNetworks))
        {
            _refusals.Add("it is not among those allowed");
            place.Refused?.Invoke();
            return false;
        }

        if (limit?.TryEnter(remote) == false)
        {
            _refusals.Add("the connection limit");
            return false;
        }

        connection.ConnectionClosed.UnsafeRegister(_ => limit?.Leave(remote), null);
        return true;
    }
}
