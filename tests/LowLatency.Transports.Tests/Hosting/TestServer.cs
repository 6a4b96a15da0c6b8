using System.Net;
using System.Threading.Channels;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>Kestrel on one transport, with a raw handler that the test gives.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    // For the many that stop with connections which do not end by themselves.
    private static readonly TimeSpan ShortStop = TimeSpan.FromSeconds(1);

    private readonly Channel<Task> _handled = Channel.CreateUnbounded<Task>();
    private int _open;

    private TestServer(TestTransport transport, Func<ConnectionContext, Task> handler, ConnectionLimit limit, TimeSpan shutdownTimeout)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        transport.Use(builder.WebHost);
        builder.Services.AddSingleton(limit);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdownTimeout);
        builder.Logging.AddProvider(Logs);
        ListenOptions? listening = null;
        builder.WebHost.ConfigureKestrel(options => options.Listen(transport.NewEndPoint(), listen =>
        {
            listening = listen;
            transport.Prepare(listen);
            listen.Run(connection => HandleAsync(connection, handler));
        }));
        IsEncrypted = transport.Tls is not null;
        _application = builder.Build();
        _listening = () => listening!.EndPoint;
    }

    private readonly Func<EndPoint> _listening;

    /// <summary>Where to connect.</summary>
    internal EndPoint Address => _listening() switch
    {
        BusyPollEndPoint polled => polled.Address,
        SocketsEndPoint sockets => sockets.Address,
        EndPoint bound => bound,
    };

    internal bool IsEncrypted { get; }

    internal LogLines Logs { get; } = new();

    /// <summary>Handlers that run now.</summary>
    internal int OpenConnections => Volatile.Read(ref _open);

    /// <param name="transport">What it listens with.</param>
    /// <param name="handler">Serves a connection.</param>
    /// <param name="limit">Who gets in. Default: everybody.</param>
    /// <param name="shutdownTimeout">When a stop cuts connections off. Default: a second, which a busy machine may need for itself.</param>
    internal static async Task<TestServer> StartAsync(
        TestTransport transport, Func<ConnectionContext, Task> handler, ConnectionLimit? limit = null, TimeSpan? shutdownTimeout = null)
    {
        var server = new TestServer(transport, handler, limit ?? new ConnectionLimit(100_000), shutdownTimeout ?? ShortStop);
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    internal Task<Peer> ConnectAsync() => Peer.ConnectAsync(Address);

    /// <summary>Waits for the next handler to end, in the order in which they ended, and throws what it threw.</summary>
    internal async Task HandledAsync() => await await _handled.Reader.ReadAsync(TestContext.Current.CancellationToken);

    internal Task StopAsync() => _application.StopAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task HandleAsync(ConnectionContext connection, Func<ConnectionContext, Task> handler)
    {
        Interlocked.Increment(ref _open);
        Task handling = handler(connection);
        await handling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _open);
        _handled.Writer.TryWrite(handling);
    }
}
