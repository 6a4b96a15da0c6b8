using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LowLatency.Transports.Tests.Http;

/// <summary>A plain ASP.NET Core application whose only special line is <c>UseBusyPoll</c>, with <c>UseSharedMemory</c>.</summary>
internal sealed class HttpTestServer : IAsyncDisposable
{
    internal const int LargeBytes = 100 * 1024 * 1024;

    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly EndPoint _unix = BusyPollTransport.NewUnixAddress();
    private readonly SharedMemoryEndPoint _shm1;
    private readonly SharedMemoryEndPoint _shm2;
    private readonly SharedMemoryEndPoint _shmTls;
    private readonly SharedMemoryConnectionFactory _attaching = new(new BusyPollTransportOptions { SpinFor = TimeSpan.FromMilliseconds(5) });
    private ListenOptions? _http1;
    private ListenOptions? _http2;
    private ListenOptions? _tls;

    private HttpTestServer(ApplicationScheduling scheduling)
    {
        _shm1 = SharedMemoryTransport.NewAddress(scheduling);
        _shm2 = SharedMemoryTransport.NewAddress(scheduling);
        _shmTls = SharedMemoryTransport.NewAddress(scheduling);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSharedMemory().UseBusyPoll(options =>
        {
            options.Scheduling = scheduling;
            options.SpinFor = TimeSpan.FromMilliseconds(5);
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.Logging.AddProvider(Logs);
        var loopback = new IPEndPoint(IPAddress.Loopback, 0);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(loopback, listen => (_http1 = listen).Protocols = HttpProtocols.Http1);
            options.Listen(loopback, listen => (_http2 = listen).Protocols = HttpProtocols.Http2);
            options.Listen(loopback, listen => (_tls = listen).UseHttps(_certificate));
            options.Listen(_unix, listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(_shm1, listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(_shm2, listen => listen.Protocols = HttpProtocols.Http2);
            options.Listen(_shmTls, listen => listen.UseHttps(_certificate));
        });
        _application = builder.Build();
        _application.UseWebSockets();
        _application.Run(AnswerAsync);
    }

    internal LogLines Logs { get; } = new();

    internal Uri Http1 => new($"http://{_http1!.IPEndPoint}");

    internal Uri Http2 => new($"http://{_http2!.IPEndPoint}");

    internal Uri Tls => new($"https://{_tls!.IPEndPoint}");

    internal static async Task<HttpTestServer> StartAsync(ApplicationScheduling scheduling)
    {
        var server = new HttpTestServer(scheduling);
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>A client over shared memory; the address only names the host.</summary>
    internal HttpClient NewClientOverShm(bool tls, Version version) => new(NewHandlerOverShm(tls ? _shmTls : version == HttpVersion.Version20 ? _shm2 : _shm1))
    {
        BaseAddress = new Uri(tls ? "https://localhost" : "http://localhost"),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>What connects over shared memory, by HTTP/1.1.</summary>
    internal SocketsHttpHandler NewHandlerOverShm() => NewHandlerOverShm(_shm1);

    /// <summary>A client that trusts the server's own certificate, over TCP or over the Unix socket.</summary>
    internal HttpClient NewClient(Uri address, Version version, bool overUnix = false)
    {
        SocketsHttpHandler handler = NewHandler();
        if (overUnix)
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(_unix, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        return new HttpClient(handler) { BaseAddress = address, DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(TestContext.Current.CancellationToken);
        await _application.DisposeAsync();
        _attaching.Dispose();
        _certificate.Dispose();
    }

    private SocketsHttpHandler NewHandler()
        => new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Equals(_certificate) == true } };

    private SocketsHttpHandler NewHandlerOverShm(SharedMemoryEndPoint place)
    {
        SocketsHttpHandler handler = NewHandler();
        handler.ConnectCallback = async (_, cancellation) =>
        {
            // The client's half goes on on the thread pool, whatever the server's does.
            ConnectionContext connection = await _attaching.ConnectAsync(new SharedMemoryEndPoint(place.Path, ApplicationScheduling.ThreadPool), cancellation);
            return new ConnectionStream(connection);
        };
        return handler;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/upload":
                await context.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body)));
                break;

            case "/download":
                byte[] piece = Payload.Of(1024 * 1024);
                for (int sent = 0; sent < LargeBytes; sent += piece.Length)
                {
                    await context.Response.Body.WriteAsync(piece);
                }

                break;

            case "/socket":
                using (WebSocket socket = await context.WebSockets.AcceptWebSocketAsync())
                {
                    await EchoAsync(socket);
                }

                break;

            default:
                await context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Method}");
                break;
        }
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
