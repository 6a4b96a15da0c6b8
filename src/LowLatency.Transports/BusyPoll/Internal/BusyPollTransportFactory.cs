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

    public bool CanBind(EndPoint endpoint) => options.Value.CanBind(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        BusyPollEndPoint place = endpoint as BusyPollEndPoint ?? new BusyPollEndPoint(endpoint, options.Value.Scheduling);
        ListenSocket socket;
        try
        {
            socket = Listen(place, options.Value);
        }
        catch (Exception exception) when (BindFailure.Describe(exception, (place.Address as UnixDomainSocketEndPoint)?.ToString()) is string reason)
        {
            // Kestrel has its own words for this one, and tries the other address family of "localhost" by it.
            throw endpoint is not BusyPollEndPoint && exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
                ? new AddressInUseException(reason, exception)
                : new BindException(endpoint, reason, exception);
        }

        PollLoop loop = loops.NextFor(socket);
        var settings = new AcceptSettings(place.Address, place.Limit ?? limit)
        {
            IsInherited = place.Inherited is not null,
            Allows = WhoMayConnect(place),
            Refused = place.Refused,
            Lost = place.Lost,
        };
        var source = new SocketAcceptSource(
            socket, settings, place.Scheduling == ApplicationScheduling.Inline, loops, loop, options.Value, _logger, fatal: () => EndOfAccepting.StopProcess(lifetime));
        loop.Post(static source => ((AcceptSource)source!).Start(), source);
        var listener = new PolledListener(source, loop, socket.LocalEndPoint);
        place.Bound?.Invoke(listener);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    private static Func<StreamSocket, EndPoint?, bool>? WhoMayConnect(BusyPollEndPoint place)
    {
        if (place.Address is IPEndPoint)
        {
            return place.AllowNetworks.Count > 0 ? (_, remote) => PeerRules.AllowsAddress(remote, place.AllowNetworks) : null;
        }

        return ListsUsers(place) ? (accepted, _) => PeerRules.AllowsUser(accepted, place.AllowUsers, place.AllowGroups) : null;
    }

    private static bool ListsUsers(BusyPollEndPoint place) => place.AllowUsers.Count + place.AllowGroups.Count > 0;

    private static ListenSocket Listen(BusyPollEndPoint place, BusyPollTransportOptions options)
    {
        EndPoint address = place.Address;
        Socket socket = place.Inherited
            ?? new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (address is IPEndPoint)
            {
                // Accepted sockets inherit these: no call for each.
                socket.NoDelay = true;
                VanishedPeers.Detect(socket, options.VanishedPeerTimeout);
                DoNotPaceLoopback(socket, (IPEndPoint)address);
            }
            else
            {
                // A receive stops behind a descriptor, and what follows it would wait for the next event. An older kernel lets a peer do that to itself.
                _ = DescriptorPassing.TryRefuse((int)socket.Handle);
            }

            if (place.Inherited is not null)
            {
                return new ListenSocket(socket);
            }

            if (address is IPEndPoint { Address: var local })
            {
                if (local.Equals(IPAddress.IPv6Any))
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
                Protect(path, place);
            }

            socket.Listen(options.Backlog);
            return new ListenSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Between two ends on one machine there is no network to be spared. An algorithm that models one and paces by it (BBR, where it
    // is the machine's default) costs 3 to 5 % of a request there.
    private static void DoNotPaceLoopback(Socket socket, IPEndPoint address)
    {
        if (IPAddress.IsLoopback(address.Address))
        {
            _ = CongestionControl.TrySet((int)socket.Handle, CongestionControl.Reno);
        }
    }

    // Who they are is known when they have connected, by the kernel's word.
    private static void Protect(string path, BusyPollEndPoint place)
    {
        if (ListsUsers(place))
        {
            UnixSocketPath.Open(path);
        }
        else
        {
            UnixSocketPath.Restrict(path);
        }
    }
}
