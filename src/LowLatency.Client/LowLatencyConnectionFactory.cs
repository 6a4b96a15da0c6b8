using System.Net;
using System.Net.Sockets;
using LowLatency.Client.Connecting;
using LowLatency.Transports.BusyPoll;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LowLatency.Client;

/// <summary>Connects to whatever an endpoint URL names, each kind of address by its own transport.</summary>
/// <remarks>
/// It owns the poll loops of its connections: one serves all clients of a process (<see cref="Shared"/>), and one of your own
/// is for other <see cref="BusyPollTransportOptions"/>. On other systems than Linux it connects by the framework's sockets. Any thread.
/// </remarks>
public sealed class LowLatencyConnectionFactory : IConnectionFactory, IDisposable
{
    private static readonly Lazy<LowLatencyConnectionFactory> Default = new(() => new LowLatencyConnectionFactory());

    private readonly IConnectionFactory _sockets;

    /// <summary>Makes a factory; its threads start with the first connection.</summary>
    /// <param name="options">
    /// How its loops wait for what is awaited, and where that goes on. Default: the defaults of the type, which spin while
    /// there is traffic and go on on the thread pool.
    /// </param>
    /// <param name="loggerFactory">Where the loops log. Default: nowhere.</param>
    public LowLatencyConnectionFactory(BusyPollTransportOptions? options = null, ILoggerFactory? loggerFactory = null)
        => _sockets = OperatingSystem.IsLinux()
            ? new BusyPollConnectionFactory(options, loggerFactory)
            : new PortableConnectionFactory(loggerFactory ?? NullLoggerFactory.Instance);

    /// <summary>The factory of all who bring none: one loop, with the default options, for the process. Made when first asked for.</summary>
    /// <remarks>Not to be disposed of.</remarks>
    public static LowLatencyConnectionFactory Shared => Default.Value;

    /// <summary>Connects.</summary>
    /// <param name="endpoint">The address of an endpoint URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">No transport connects to such an endpoint.</exception>
    /// <exception cref="IOException">The peer refused or cannot be reached; elsewhere than on Linux a <see cref="SocketException"/>.</exception>
    public ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        => TransportFor(endpoint).ConnectAsync(endpoint, cancellationToken);

    /// <summary>Ends the threads, and aborts what is still connected.</summary>
    public void Dispose() => (_sockets as IDisposable)?.Dispose();

    /// <summary>The only place that chooses a transport.</summary>
    private IConnectionFactory TransportFor(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint or UnixDomainSocketEndPoint or BusyPollEndPoint => _sockets,
        _ => throw new ArgumentException($"No transport connects to {endpoint}.", nameof(endpoint)),
    };
}
