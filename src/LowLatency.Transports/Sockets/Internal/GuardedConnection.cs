using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>A connection that holds its slot until its descriptor is closed, and does not wait for ever to be.</summary>
/// <remarks>
/// The token that tells of a connection's end fires at the peer's half of it already, when replies may still wait for a peer that does
/// not read. Nobody else watches over them then: what served the connection has ended.
/// </remarks>
internal sealed class GuardedConnection(ConnectionContext connection, SocketsEndPoint place, ConnectionLimit? limit, ILogger logger) : ConnectionContext
{
    // Behind the end there is none to be asked for.
    private readonly EndPoint? _remote = connection.RemoteEndPoint;
    private int _left;

    public override string ConnectionId { get => connection.ConnectionId; set => connection.ConnectionId = value; }

    public override IFeatureCollection Features => connection.Features;

    public override IDictionary<object, object?> Items { get => connection.Items; set => connection.Items = value; }

    public override IDuplexPipe Transport { get => connection.Transport; set => connection.Transport = value; }

    public override CancellationToken ConnectionClosed { get => connection.ConnectionClosed; set => connection.ConnectionClosed = value; }

    public override EndPoint? LocalEndPoint { get => connection.LocalEndPoint; set => connection.LocalEndPoint = value; }

    public override EndPoint? RemoteEndPoint { get => connection.RemoteEndPoint; set => connection.RemoteEndPoint = value; }

    public override void Abort() => connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await EndAsync();
            await base.DisposeAsync();
        }
        finally
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                limit?.Leave(_remote);
            }
        }
    }

    private async Task EndAsync()
    {
        Task end = connection.DisposeAsync().AsTask();
        await end.WaitAsync(place.LastReplyTimeout ?? Timeout.InfiniteTimeSpan).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!end.IsCompleted)
        {
            Polling.Log.LastReplyNotTaken(logger, place, _remote);
            place.CutOff?.Invoke();
            connection.Abort(new ConnectionAbortedException("The peer does not take what was sent last."));
        }

        await end;
    }
}
