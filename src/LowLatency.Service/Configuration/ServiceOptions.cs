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
internal sealed record EndpointOptions(string Name, EndpointUrl Url, TransportKind Transport, Framing Framing)
{
    /// <summary>The key that an error message names.</summary>
    internal string Key => $"LowLatency:Endpoints:{Name}:Url";
}

/// <summary><c>LowLatency:Polling</c>: how the poll loops wait.</summary>
internal sealed record PollingOptions(WaitStrategy WaitStrategy, TimeSpan SpinFor, int Loops, IReadOnlyList<int> Cpus);

/// <summary><c>LowLatency:Tuning</c>: what the process asks of the machine.</summary>
internal sealed record TuningOptions(bool LockMemory, int RealtimePriority, bool WarmUp, bool Required);

/// <summary><c>LowLatency:Limits</c>, as far as the responder does not keep them.</summary>
internal sealed record LimitsOptions(int MaxConnections, int? MaxConnectionsPerAddress, TimeSpan ShutdownTimeout);

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
