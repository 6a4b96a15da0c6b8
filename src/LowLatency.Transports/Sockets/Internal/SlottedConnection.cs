using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>A connection that holds its slot until its descriptor is closed.</summary>
/// <remarks>The token that tells of a connection's end fires at the peer's half of it already, when replies may still wait for a peer that does not read.</remarks>
internal sealed class SlottedConnection(ConnectionContext connection, ConnectionLimit limit) : ConnectionContext
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
            await connection.DisposeAsync();
            await base.DisposeAsync();
        }
        finally
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                limit.Leave(_remote);
            }
        }
    }
}
