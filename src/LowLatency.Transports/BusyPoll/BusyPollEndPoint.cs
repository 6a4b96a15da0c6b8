using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.BusyPoll;

/// <summary>An address that only the busy-polled transport listens on.</summary>
/// <remarks>
/// An application that has other endpoints too (metrics, health, administration) listens on this type where latency counts,
/// and sets <see cref="BusyPollTransportOptions.OnlyBusyPollEndPoints"/>, so that the others stay off the poll loops.
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

    /// <inheritdoc/>
    public override string ToString() => Address.ToString()!;
}
