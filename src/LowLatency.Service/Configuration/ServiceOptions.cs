using System.Net;
using LowLatency.Transports;
using LowLatency.Transports.BusyPoll;

namespace LowLatency.Service.Configuration;

/// <summary>Which Kestrel transport an endpoint is on.</summary>
internal enum TransportKind
{
    /// <summary>Ours: polled by threads of its own.</summary>
    BusyPoll,

    /// <summary>Kestrel's own, with inline completions.</summary>
    Sockets,
}

/// <summary>One entry of <c>LowLatency:Endpoints</c>.</summary>
/// <param name="Name">The key that it stands under.</param>
/// <param name="Url">Where it listens.</param>
/// <param name="Transport">What listens there; without a meaning for shared memory.</param>
/// <param name="Framing">How messages are told apart.</param>
/// <param name="SharedMemory">What shared memory has besides; <c>null</c> for the other endpoints.</param>
internal sealed record EndpointOptions(string Name, EndpointUrl Url, TransportKind Transport, Framing Framing, SharedMemoryOptions? SharedMemory = null)
{
    /// <summary>Who may connect.</summary>
    internal PeerOptions Peers { get; init; } = PeerOptions.Everybody;

    /// <summary>How it is encrypted; <c>null</c> for clear text.</summary>
    internal TlsOptions? Tls { get; init; }

    /// <summary>The key that an error message names.</summary>
    internal string Key => $"LowLatency:Endpoints:{Name}:Url";
}

/// <summary>What only an <c>shm://</c> endpoint has.</summary>
/// <param name="RingBytes">Size of each ring; <c>null</c> for the transport's default.</param>
internal sealed record SharedMemoryOptions(int? RingBytes);

/// <summary>Who may connect to an endpoint.</summary>
/// <param name="Networks">From where, over TCP; none listed, from everywhere. Each holds one family: <c>::/0</c> is IPv6 only.</param>
/// <param name="Users">Who may besides the service's own user, on Unix sockets and shared memory.</param>
/// <param name="Groups">Whose members may.</param>
internal sealed record PeerOptions(IReadOnlyList<IPNetwork> Networks, IReadOnlyList<uint> Users, IReadOnlyList<uint> Groups)
{
    internal static readonly PeerOptions Everybody = new([], [], []);
}

/// <summary><c>LowLatency:Polling</c>: how the poll loops wait.</summary>
internal sealed record PollingOptions(WaitStrategy WaitStrategy, TimeSpan SpinFor, int Loops, IReadOnlyList<int> Cpus);

/// <summary><c>LowLatency:Tuning</c>: what the process asks of the machine.</summary>
internal sealed record TuningOptions(bool LockMemory, int RealtimePriority, bool WarmUp, bool Required);

/// <summary><c>LowLatency:Limits</c>, as far as the responder does not keep them.</summary>
/// <param name="MaxConnections">How many at once.</param>
/// <param name="MaxConnectionsPerAddress">How many at once of one IPv4 address or one /64 of IPv6; <c>null</c> for any number.</param>
/// <param name="HandshakeTimeout">From the connect to TLS, or to the rings of shared memory.</param>
/// <param name="VanishedPeerTimeout">How long a TCP peer may be silent to the kernel's questions; <c>null</c> for the kernel's own times.</param>
/// <param name="ShutdownTimeout">How long a stop waits.</param>
internal sealed record LimitsOptions(
    int MaxConnections, int? MaxConnectionsPerAddress, TimeSpan HandshakeTimeout, TimeSpan? VanishedPeerTimeout, TimeSpan ShutdownTimeout);

/// <summary>The section <c>LowLatency</c>, checked: what is in here can be run.</summary>
internal sealed record ServiceOptions(
    ReadOnlyMemory<byte> Response,
    IReadOnlyList<EndpointOptions> Endpoints,
    SidecarUrl? Sidecar,
    bool MetricsEnabled,
    PollingOptions Polling,
    TuningOptions Tuning,
    LimitsOptions Limits,
    ResponderOptions Responder);
