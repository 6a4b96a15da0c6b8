using System.Net;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>A listener that closes what is over the limit before anybody sees it.</summary>
internal sealed class LimitedListener(IConnectionListener inner, ConnectionLimit limit) : IConnectionListener
{
    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await inner.AcceptAsync(cancellationToken) is ConnectionContext connection)
        {
            EndPoint? remote = connection.RemoteEndPoint;
            if (limit.TryEnter(remote))
            {
                connection.ConnectionClosed.UnsafeRegister(_ => limit.Leave(remote), null);
                return connection;
            }

            connection.Abort();
            await connection.DisposeAsync();
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
