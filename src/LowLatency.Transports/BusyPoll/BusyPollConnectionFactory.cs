using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.BusyPoll;

/// <summary>Connects to TCP addresses and Unix socket paths; poll loops receive, and the application runs on them or beside them.</summary>
/// <remarks>
/// The client's half of the transport: the same pipe ends, wait strategies and threads as on the server. A loop that spins
/// takes a CPU as long as there is traffic (<see cref="WaitStrategy"/>). Linux only. Any thread.
/// </remarks>
public sealed class BusyPollConnectionFactory : IConnectionFactory, IDisposable
{
    private readonly PollLoopGroup _loops;
    private readonly BusyPollTransportOptions _options;

    /// <summary>Makes a factory; its threads start with the first connection.</summary>
    /// <param name="options">
    /// How its loops wait. <see cref="BusyPollTransportOptions.Scheduling"/> says where what awaits a read goes on. Default: the
    /// defaults of the type.
    /// </param>
    /// <param name="loggerFactory">Where the loops log. Default: nowhere.</param>
    public BusyPollConnectionFactory(BusyPollTransportOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        _options = options ?? new BusyPollTransportOptions();
        _loops = new PollLoopGroup(Options.Create(_options), loggerFactory ?? NullLoggerFactory.Instance);
    }

    /// <summary>One of several factories on the same loops; whichever is disposed first ends them for all.</summary>
    internal BusyPollConnectionFactory(BusyPollTransportOptions options, PollLoopGroup loops) => (_options, _loops) = (options, loops);

    /// <summary>Connects.</summary>
    /// <param name="endpoint">An <see cref="IPEndPoint"/>, a <see cref="UnixDomainSocketEndPoint"/> or a <see cref="BusyPollEndPoint"/> of one of them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">It is another kind of endpoint.</exception>
    /// <exception cref="LinuxException">The peer refused or cannot be reached.</exception>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        (EndPoint address, ApplicationScheduling scheduling) = endpoint switch
        {
            BusyPollEndPoint polled => (polled.Address, polled.Scheduling),
            IPEndPoint or UnixDomainSocketEndPoint => (endpoint, _options.Scheduling),
            _ => throw new ArgumentException("Only IP addresses and Unix socket paths can be connected to.", nameof(endpoint)),
        };
        PollLoop loop = _loops.Next();
        StreamSocket socket = await Connecting.StartAsync(new StreamConnector(address), cancellationToken);
        if (address is IPEndPoint)
        {
            VanishedPeers.Detect(socket, _options.VanishedPeerTimeout);
        }

        var connecting = new ConnectingSource(loop, socket, address, scheduling == ApplicationScheduling.Inline, _options.ReceiveBytes);
        return (await connecting.ConnectAsync(cancellationToken)).Context;
    }

    /// <summary>Ends the threads, and aborts what is still connected.</summary>
    public void Dispose() => _loops.Dispose();
}
