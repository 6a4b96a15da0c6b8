using System.Net;
using System.Net.Sockets;
using LowLatency.Service.Configuration;
using LowLatency.Service.Endpoints;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LowLatency.Service.WarmUp;

/// <summary>A private endpoint of the same kind as a configured one: same server, transport, loops, handler and instruments' types.</summary>
internal sealed class TwinEndpoint : IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly ResponderConnectionHandler _handler;
    private readonly string? _folder;
    private ListenOptions? _listen;

    internal TwinEndpoint(EndpointOptions endpoint, ServiceOptions options, IEnumerable<IConnectionListenerFactory> transports, TransportMetrics? metrics)
    {
        _handler = new ResponderConnectionHandler(
            new FixedResponder(options.Response), options.Responder with { Framing = endpoint.Framing }, metrics);
        EndPoint address = new IPEndPoint(IPAddress.Loopback, 0);
        if (endpoint.Url.EndPoint is UnixDomainSocketEndPoint)
        {
            _folder = Directory.CreateTempSubdirectory("lowlatency-").FullName;
            address = new UnixDomainSocketEndPoint(Path.Join(_folder, "warm-up.sock"));
        }

        EndPoint typed = EndpointRegistry.AddressOf(endpoint.Transport, address, unlimited: true);
        var kestrel = new KestrelServerOptions();
        kestrel.Listen(typed, listen =>
        {
            _listen = listen;
            listen.Use(_ => _handler.OnConnectedAsync);
        });
        _server = new KestrelServer(
            Options.Create(kestrel),
            transports.OfType<IConnectionListenerFactorySelector>().Last(transport => transport.CanBind(typed)) as IConnectionListenerFactory
                ?? throw new InvalidOperationException($"No transport listens on {typed}."),
            NullLoggerFactory.Instance);
    }

    /// <summary>A message that the framing takes for a whole one.</summary>
    internal static byte[] RequestFor(Framing framing) => framing switch
    {
        Framing.Line => "hola\n"u8.ToArray(),
        Framing.LengthPrefix => [0, 0, 0, 4, .. "hola"u8],
        _ => "hola"u8.ToArray(),
    };

    internal async Task<EndPoint> StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(new NoHttp(), cancellationToken);
        return _listen!.EndPoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        _server.Dispose();
        _handler.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>The server asks for an HTTP application, and never calls it: its only endpoint does not speak HTTP.</summary>
    private sealed class NoHttp : IHttpApplication<object>
    {
        public object CreateContext(IFeatureCollection contextFeatures) => throw new NotSupportedException();

        public Task ProcessRequestAsync(object context) => throw new NotSupportedException();

        public void DisposeContext(object context, Exception? exception) => throw new NotSupportedException();
    }
}
