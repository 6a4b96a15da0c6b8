using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace LowLatency.Transports.PipeEnds;

/// <summary>The face of a connection that servers and applications see.</summary>
internal sealed class PolledConnectionContext : ConnectionContext,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IMemoryPoolFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IDuplexPipe
{
    private readonly PolledConnection _connection;
    private FeatureCollection? _features;
    private IDictionary<object, object?>? _items;
    private IDuplexPipe _transport;
    private string? _id;
    private CancellationToken? _closed;

    internal PolledConnectionContext(PolledConnection connection)
    {
        _connection = connection;
        _transport = this;
        LocalEndPoint = connection.LocalEndPoint;
        RemoteEndPoint = connection.RemoteEndPoint;
    }

    public override string ConnectionId { get => _id ??= PolledConnection.NextId(); set => _id = value; }

    public override IFeatureCollection Features => _features ??= CreateFeatures();

    public override IDictionary<object, object?> Items { get => _items ??= new ConnectionItems(); set => _items = value; }

    public override IDuplexPipe Transport { get => _transport; set => _transport = value; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get => _closed ?? _connection.Closed; set => _closed = value; }

    public MemoryPool<byte> MemoryPool => MemoryPool<byte>.Shared;

    PipeReader IDuplexPipe.Input => _connection.Reader;

    PipeWriter IDuplexPipe.Output => _connection.Writer;

    public override void Abort() => _connection.Abort(null);

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await base.DisposeAsync();
    }

    private FeatureCollection CreateFeatures()
    {
        var features = new FeatureCollection(initialCapacity: 12);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set(_connection.Exchange);
        features.Set((IReadContinuation)_connection.Reader);
        features.Set(_connection.PartialMessage);
        return features;
    }
}
