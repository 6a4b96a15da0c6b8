using System.Net;
using System.Net.Sockets;
using LowLatency.Service.Configuration;
using LowLatency.Service.Endpoints;
using LowLatency.Transports;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace LowLatency.Service.WarmUp;

/// <summary>A second Kestrel with private endpoints of the configured kinds: same transports, loops, handlers and instruments' types.</summary>
internal sealed class TwinServer : IAsyncDisposable
{
    // Of its sockets; they have numbers.
    private const string LongestName = "1000.sock";

    // The clients have gone by then. Another user's, who has found the port, is not waited for.
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(1);

    private readonly List<(EndpointOptions Kind, ListenOptions Listen)> _listening = [];
    private readonly EndpointHandlers _handlers;

    // Of its own, so that a warm-up takes no place from a client; and there at all, so that it is warm. Others, who
    // find its ports, do not take all descriptors.
    private readonly ConnectionLimit _limit = new(1024, 1023);
    private readonly string _folder = MakeFolder();
    private readonly WebApplication _application;
    private readonly IServer _server;

    internal TwinServer(
        ServiceOptions options, IEnumerable<EndpointOptions> kinds, IEnumerable<IConnectionListenerFactory> transports, ILoggerFactory loggerFactory, TwinMetrics? metrics)
    {
        // What is told of an endpoint's certificate is told once.
        _handlers = new EndpointHandlers(options, metrics?.Responder, new OpenEndpoints(), NullLogger.Instance, timesAll: true);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (EndpointOptions kind in kinds)
            {
                ListenOn(kestrel, kind);
            }
        });
        builder.Services.AddSingleton(loggerFactory);
        foreach (IConnectionListenerFactory transport in transports)
        {
            builder.Services.AddSingleton(transport);
        }

        if (metrics is not null)
        {
            builder.Services.AddSingleton(metrics.Meters);
        }

        // Built and not run: only its server is wanted, not a second life cycle that listens for signals.
        _application = builder.Build();
        _server = _application.Services.GetRequiredService<IServer>();
    }

    /// <summary>A message that the framing takes for a whole one.</summary>
    internal static byte[] RequestFor(Framing framing) => framing switch
    {
        Framing.Line => "hola\n"u8.ToArray(),
        Framing.LengthPrefix => [0, 0, 0, 4, .. "hola"u8],
        _ => "hola"u8.ToArray(),
    };

    internal async Task<List<TwinEndpoint>> StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(new NoHttp(), cancellationToken);
        return [.. _listening.Select(each => new TwinEndpoint(each.Listen.EndPoint, each.Kind.Framing, IsEncrypted: each.Kind.Tls is not null))];
    }

    public async ValueTask DisposeAsync()
    {
        using var over = new CancellationTokenSource(StopsWithin);
        await _server.StopAsync(over.Token);
        await _application.DisposeAsync();
        _handlers.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string MakeFolder()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lowlatency-");
        if (EndpointUrl.TryParse($"unix://{folder.FullName}/{LongestName}", out _, out string? error))
        {
            return folder.FullName;
        }

        folder.Delete();
        throw new IOException($"Set TMPDIR to another folder: {error}");
    }

    private void ListenOn(KestrelServerOptions kestrel, EndpointOptions kind)
    {
        // The client is the service itself, which has no certificate to show.
        ConnectionDelegate handler = _handlers.For(kind with { Tls = kind.Tls is null ? null : kind.Tls with { ClientCertificates = ClientCertificates.None, ClientCa = null } });
        string path = Path.Join(_folder, $"{_listening.Count}.sock");
        EndPoint address = kind.Url.EndPoint switch
        {
            UnixDomainSocketEndPoint => new UnixDomainSocketEndPoint(path),
            SharedMemoryEndPoint => new SharedMemoryEndPoint(path),
            _ => new IPEndPoint(IPAddress.Loopback, 0),
        };
        kestrel.Listen(EndpointRegistry.AddressOf(kind, address, new ListenSettings { Limit = _limit }), listen =>
        {
            _listening.Add((kind, listen));
            listen.Use(_ => handler);
        });
    }

    /// <summary>The server asks for an HTTP application, and never calls it: no endpoint of its speaks HTTP.</summary>
    private sealed class NoHttp : IHttpApplication<object>
    {
        public object CreateContext(IFeatureCollection contextFeatures) => throw new NotSupportedException();

        public Task ProcessRequestAsync(object context) => throw new NotSupportedException();

        public void DisposeContext(object context, Exception? exception) => throw new NotSupportedException();
    }
}
