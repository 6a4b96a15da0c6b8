using LowLatency.Transports;

namespace LowLatency.Service.Configuration;

/// <summary>Which Kestrel transport an endpoint is on.</summary>
internal enum TransportKind
{
    /// <summary>Kestrel's own, with inline completions.</summary>
    Sockets,
}

/// <summary>One entry of <c>LowLatency:Endpoints</c>.</summary>
internal sealed record EndpointOptions(string Name, EndpointUrl Url, TransportKind Transport, Framing Framing)
{
    /// <summary>The key that an error message names.</summary>
    internal string Key => $"LowLatency:Endpoints:{Name}:Url";
}

/// <summary><c>LowLatency:Limits</c>, as far as the responder does not keep them.</summary>
internal sealed record LimitsOptions(int MaxConnections, int? MaxConnectionsPerAddress, TimeSpan ShutdownTimeout);

/// <summary>The section <c>LowLatency</c>, checked: what is in here can be run.</summary>
internal sealed record ServiceOptions(
    ReadOnlyMemory<byte> Response,
    IReadOnlyList<EndpointOptions> Endpoints,
    SidecarUrl? Sidecar,
    bool MetricsEnabled,
    LimitsOptions Limits,
    ResponderOptions Responder);
