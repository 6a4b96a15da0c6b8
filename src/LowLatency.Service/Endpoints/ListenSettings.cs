using System.Net.Sockets;
using LowLatency.Service.Configuration;
using LowLatency.Transports;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Service.Endpoints;

/// <summary>What an endpoint gets that its twin in the warm-up does not, and the other way round.</summary>
internal sealed record ListenSettings
{
    /// <summary>A limit of its own; <c>null</c> for the service's.</summary>
    internal ConnectionLimit? Limit { get; init; }

    internal PeerOptions Peers { get; init; } = PeerOptions.Everybody;

    /// <summary>Counts who came to nothing.</summary>
    internal Action<ErrorType>? Refused { get; init; }

    internal Action<IConnectionListener>? Bound { get; init; }

    /// <summary>For the transport that has no setting of this kind for all of its endpoints.</summary>
    internal TimeSpan? VanishedPeerTimeout { get; init; }

    /// <summary>For the transport that takes more than the peer has room for, and does not say when that has gone; <c>null</c> for no limit.</summary>
    internal TimeSpan? LastReplyTimeout { get; init; }

    /// <summary>A socket that listens already.</summary>
    internal Socket? Inherited { get; init; }
}
