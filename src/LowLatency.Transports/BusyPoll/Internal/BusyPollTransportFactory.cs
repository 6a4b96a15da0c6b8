using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.Listening;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>Listens on IP addresses and Unix socket paths by poll loops.</summary>
internal sealed class BusyPollTransportFactory(
    PollLoopGroup loops,
    IOptions<BusyPollTransportOptions> options,
    ILoggerFactory loggerFactory,
    IHostApplicationLifetime? lifetime = null,
    ConnectionLimit? limit = null) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("LowLatency.Transports.BusyPoll");

    public bool CanBind(EndPoint endpoint)
        => endpoint is BusyPollEndPoint || (!options.Value.OnlyBusyPollEndPoints && endpoint is IPEndPoint or UnixDomainSocketEndPoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        (EndPoint address, ApplicationScheduling scheduling) = endpoint is BusyPollEndPoint own
            ? (own.Address, own.Scheduling)
            : (endpoint, options.Value.Scheduling);
        ListenSocket socket;
        try
        {
            socket = Listen(address, options.Value.Backlog);
        }
        catch (Exception exception) when (BindFailure.Describe(exception) is string reason)
        {
            // Kestrel has its own words for this one, and tries the other address family of "localhost" by it.
            throw endpoint is not BusyPollEndPoint && exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
                ? new AddressInUseException(reason, exception)
                : new BindException(endpoint, reason, exception);
        }

        PollLoop loop = loops.Next();
        ConnectionLimit? slots = (endpoint as BusyPollEndPoint)?.Limit ?? limit;
        var source = new SocketAcceptSource(
            socket, address, scheduling == ApplicationScheduling.Inline, loops, loop, options.Value, slots, _logger, fatal: StopProcess);
        loop.Post(static source => ((AcceptSource)source!).Start(), source);
        var listener = new PolledListener(source, loop, socket.LocalEndPoint);
        (endpoint as BusyPollEndPoint)?.Bound?.Invoke(listener);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    private static ListenSocket Listen(EndPoint address, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (address is IPEndPoint ip)
            {
                // Accepted sockets inherit both: no call for each.
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                if (ip.Address.Equals(IPAddress.IPv6Any))
                {
                    socket.DualMode = true;
                }

                socket.Bind(address);
            }
            else
            {
                string path = address.ToString()!;
                UnixSocketPath.Prepare(path);
                socket.Bind(address);
                UnixSocketPath.Restrict(path);
            }

            socket.Listen(backlog);
            return new ListenSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A server that cannot accept any more must not look alive.
    private void StopProcess()
    {
        Environment.ExitCode = 1;
        lifetime?.StopApplication();
    }
}
