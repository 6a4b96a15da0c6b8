using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.BusyPoll;

/// <summary>An address that only the busy-polled transport listens on.</summary>
/// <remarks>
/// An application that has other endpoints too (metrics, health, administration) listens on this type where latency counts,
/// and sets <see cref="BusyPollTransportOptions.OnlyBusyPollEndPoints"/>, so that the others stay off the poll loops.
/// On a loopback address, connections have TCP's Reno for congestion control, whatever the machine's default is: there is no
/// network in between, and an algorithm that paces, such as BBR, takes longer for every send.
/// </remarks>
public sealed class BusyPollEndPoint : EndPoint
{
    /// <summary>Names an address.</summary>
    /// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="scheduling">Where the application runs. Default: <see cref="ApplicationScheduling.Inline"/>.</param>
    /// <exception cref="ArgumentException">It is another kind of address.</exception>
    public BusyPollEndPoint(EndPoint address, ApplicationScheduling scheduling = ApplicationScheduling.Inline)
    {
        if (address is not (IPEndPoint or UnixDomainSocketEndPoint))
        {
            throw new ArgumentException("Only IP addresses and Unix socket paths can be polled.", nameof(address));
        }

        Address = address;
        Scheduling = scheduling;
    }

    /// <summary>Where to listen.</summary>
    public EndPoint Address { get; }

    /// <summary>Where the application runs.</summary>
    public ApplicationScheduling Scheduling { get; }

    /// <summary>A limit of its own. Default: <c>null</c>, the <see cref="ConnectionLimit"/> among the services, if there is one.</summary>
    public ConnectionLimit? Limit { get; init; }

    /// <summary>Called with the listener once it listens: whoever stops it ahead of the server needs it. Default: nothing.</summary>
    public Action<IConnectionListener>? Bound { get; init; }

    /// <summary>
    /// A socket that listens already, as a service manager hands it down; the transport owns it from then on. What still waits to be
    /// accepted when the server stops is left to the next holder. Default: <c>null</c>, the transport makes and binds one.
    /// </summary>
    public Socket? Inherited { get; init; }

    /// <summary>Networks that may connect; the others are closed at once. Default: none listed, every address may.</summary>
    /// <remarks>
    /// Each holds addresses of its own family: <c>::/0</c> is IPv6 only, and IPv4 is IPv4 also where a socket for both families shows it
    /// inside IPv6, so that no network within <c>::ffff:0:0/96</c> ever holds anybody.
    /// </remarks>
    public IReadOnlyList<IPNetwork> AllowNetworks { get; init; } = [];

    /// <summary>Users that may connect to a Unix socket besides the server's own. Default: none.</summary>
    /// <remarks>
    /// Without any, and without groups, the socket's mode keeps others out; with some, the socket is open to whoever may enter its
    /// folder, and those who are not listed are closed at once.
    /// </remarks>
    public IReadOnlyList<uint> AllowUsers { get; init; } = [];

    /// <summary>Groups whose members may connect to a Unix socket. Default: none.</summary>
    public IReadOnlyList<uint> AllowGroups { get; init; } = [];

    /// <summary>Called for every connection of somebody who may not connect, on the thread that accepts: it must be short. Default: nothing.</summary>
    public Action? Refused { get; init; }

    /// <summary>Called for every TCP connection that its peer had reset, with nothing left to receive, before it was given to the server. Default: nothing.</summary>
    /// <remarks>
    /// The application never sees such a connection. That is when it is accepted; and within 200 us behind that, for a second after
    /// another one was reset without a word. On any loop, on several at a time where there are several: it must be short.
    /// </remarks>
    public Action? Lost { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Address.ToString()!;
}
