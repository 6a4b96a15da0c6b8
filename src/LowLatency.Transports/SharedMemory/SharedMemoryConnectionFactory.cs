using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Polling;
using LowLatency.Transports.SharedMemory.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.SharedMemory;

/// <summary>Attaches to servers of this machine by rings in shared memory.</summary>
/// <remarks>
/// The server may pass any size of ring, and is trusted no further than its user: by default the own one and root, or who is
/// listed in <see cref="SharedMemoryEndPoint.AllowUsers"/>. Linux only. Any thread.
/// </remarks>
public sealed class SharedMemoryConnectionFactory : IConnectionFactory, IDisposable
{
    private readonly PollLoopGroup _loops;
    private readonly BusyPollTransportOptions _options;

    /// <summary>Makes a factory; its threads start with the first connection.</summary>
    /// <param name="options">How its loops wait. Default: the defaults of the type.</param>
    /// <param name="loggerFactory">Where the loops log. Default: nowhere.</param>
    public SharedMemoryConnectionFactory(BusyPollTransportOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        _options = options ?? new BusyPollTransportOptions();
        _loops = new PollLoopGroup(Options.Create(_options), loggerFactory ?? NullLoggerFactory.Instance);
    }

    /// <summary>One of several factories on the same loops; whichever is disposed first ends them for all.</summary>
    internal SharedMemoryConnectionFactory(BusyPollTransportOptions options, PollLoopGroup loops) => (_options, _loops) = (options, loops);

    /// <summary>Attaches.</summary>
    /// <param name="endpoint">A <see cref="SharedMemoryEndPoint"/>; its scheduling says where what awaits a read goes on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">It is another kind of endpoint.</exception>
    /// <exception cref="IOException">Nobody listens there, or the server has refused; the message says why.</exception>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is not SharedMemoryEndPoint place)
        {
            throw new ArgumentException("Only shared-memory endpoints can be attached to.", nameof(endpoint));
        }

        PollLoop loop = _loops.Next();
        StreamSocket control = await Connecting.StartAsync(new StreamConnector(place.ControlSocket), cancellationToken);
        var handshake = new ClientHandshake(loop, control, place, place.Scheduling == ApplicationScheduling.Inline, _options.ReceiveBytes);
        return (await handshake.AttachAsync(cancellationToken)).Context;
    }

    /// <summary>Ends the threads, and aborts what is still connected.</summary>
    public void Dispose() => _loops.Dispose();
}
