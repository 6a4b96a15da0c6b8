using System.Net;
using System.Net.Sockets;
using LowLatency.Client.Connecting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Polling;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tls;
using LowLatency.Transports.Tls.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LowLatency.Client;

/// <summary>Connects to whatever an endpoint URL names, each kind of address by its own transport.</summary>
/// <remarks>
/// It owns the poll loops of its connections: one serves all clients of a process (<see cref="Shared"/>), and one of your own
/// is for other <see cref="BusyPollTransportOptions"/>. On other systems than Linux it connects by the framework's sockets, and
/// shared memory is not to be had. Any thread.
/// </remarks>
public sealed class LowLatencyConnectionFactory : IConnectionFactory, IDisposable
{
    private static readonly Lazy<LowLatencyConnectionFactory> Default = new(() => new LowLatencyConnectionFactory());

    private readonly IConnectionFactory _sockets;
    private readonly SharedMemoryConnectionFactory? _sharedMemory;
    private readonly ApplicationScheduling _scheduling;

    /// <summary>Makes a factory; its threads start with the first connection.</summary>
    /// <param name="options">
    /// How its loops wait for what is awaited, and where that goes on: over sockets and over shared memory alike. Default: the
    /// defaults of the type, which spin while there is traffic and go on on the thread pool.
    /// </param>
    /// <param name="loggerFactory">Where the loops log. Default: nowhere.</param>
    public LowLatencyConnectionFactory(BusyPollTransportOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        options ??= new BusyPollTransportOptions();
        loggerFactory ??= NullLoggerFactory.Instance;
        _scheduling = options.Scheduling;
        if (!OperatingSystem.IsLinux())
        {
            _sockets = new PortableConnectionFactory(loggerFactory);
            return;
        }

        // One group of loops: a process with both kinds of connections is to have no thread more than one with either.
        var loops = new PollLoopGroup(Options.Create(options), loggerFactory);
        _sockets = new BusyPollConnectionFactory(options, loops);
        _sharedMemory = new SharedMemoryConnectionFactory(options, loops);
    }

    /// <summary>The factory of all who bring none: one loop, with the default options, for the process. Made when first asked for.</summary>
    /// <remarks>Not to be disposed of.</remarks>
    public static LowLatencyConnectionFactory Shared => Default.Value;

    /// <summary>Connects.</summary>
    /// <param name="endpoint">The address of an endpoint URL. What awaits a read goes on where the options say, unless it is a <see cref="BusyPollEndPoint"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">No transport connects to such an endpoint.</exception>
    /// <exception cref="PlatformNotSupportedException">Shared memory, and this is not Linux.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The client's certificate has no private key.</exception>
    /// <exception cref="TlsHandshakeException">The handshake with a <see cref="TlsEndPoint"/> failed.</exception>
    /// <exception cref="IOException">The peer refused or cannot be reached; elsewhere than on Linux a <see cref="SocketException"/>.</exception>
    public ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => endpoint switch
    {
        IPEndPoint or UnixDomainSocketEndPoint or BusyPollEndPoint => _sockets.ConnectAsync(endpoint, cancellationToken),
        TlsEndPoint target => TlsConnecting.ConnectAsync(this, target, cancellationToken),
        SharedMemoryEndPoint place when _sharedMemory is not null => _sharedMemory.ConnectAsync(Scheduled(place), cancellationToken),
        SharedMemoryEndPoint => throw new PlatformNotSupportedException("Shared memory needs Linux."),
        _ => throw new ArgumentException($"No transport connects to {endpoint}.", nameof(endpoint)),
    };

    /// <summary>Ends the threads, and aborts what is still connected.</summary>
    public void Dispose()
    {
        (_sockets as IDisposable)?.Dispose();
        _sharedMemory?.Dispose();
    }

    // The endpoint of a URL says where a server's handlers run: on the loop, which is nothing for code that awaits unawares.
    private SharedMemoryEndPoint Scheduled(SharedMemoryEndPoint place)
        => place.Scheduling == _scheduling
            ? place
            : new SharedMemoryEndPoint(place.Path, _scheduling) { RingBytes = place.RingBytes, AllowUsers = place.AllowUsers };
}
