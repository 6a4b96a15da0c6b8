using LowLatency.Service.Configuration;
using LowLatency.Service.Tls;
using LowLatency.Transports.PipeEnds;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Service.Endpoints;

/// <summary>Makes what serves an endpoint's connections: the responder, TLS under it where that is asked for, and around both who knows of them.</summary>
/// <remarks>
/// The endpoints have theirs from here, and so have their twins in the warm-up: a method that only the real one called would
/// be compiled in its first request.
/// </remarks>
/// <param name="options">What is configured.</param>
/// <param name="metrics">Where they count and time; <c>null</c> for nowhere.</param>
/// <param name="open">Who knows of their connections.</param>
/// <param name="logger">Where failed handshakes are told of.</param>
/// <param name="timesAll">
/// Times also where only a sample is timed. What compiles by what it has seen then takes the recording for a part of the hot
/// path: pipelined over shared memory, 61 ns a request against 80.
/// </param>
internal sealed class EndpointHandlers(ServiceOptions options, ResponderMetrics? metrics, OpenEndpoints open, ILogger logger, bool timesAll = false) : IDisposable
{
    // Where replies may wait for ever, a goodbye may not: behind it nobody has anything to gain.
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromMinutes(2);

    private readonly FixedResponder _responder = new(options.Response);
    private readonly List<ResponderConnectionHandler> _handlers = [];

    /// <summary>What serves one endpoint.</summary>
    /// <exception cref="Exception">The files of its certificate cannot be used: see <see cref="CertificateFile.IsUnusable"/>.</exception>
    internal ConnectionDelegate For(EndpointOptions endpoint)
    {
        string transport = endpoint.Url.Scheme;
        var handler = new ResponderConnectionHandler(
            _responder, options.Responder with { Framing = endpoint.Framing, PartialMessage = PartialMessage }, metrics?.ForTransport(transport, timesAll ? 1 : TimedOneIn(transport)));
        _handlers.Add(handler);
        return open.Around(Encrypted(endpoint.Tls, handler.OnConnectedAsync));
    }

    public void Dispose() => _handlers.ForEach(handler => handler.Dispose());

    private static Func<bool>? PartialMessage(ConnectionContext connection)
        => connection.Features.Get<IPartialMessageFeature>() is { } feature ? () => feature.HoldsPartOfMessage : null;

    // A record in the histogram costs as much as a round trip over shared memory takes.
    private static int TimedOneIn(string transport) => transport == "shm" ? 16 : 1;

    private ConnectionDelegate Encrypted(TlsOptions? tls, ConnectionDelegate handler) => tls is null
        ? handler
        : new TlsConnections(
            tls,
            options.Limits.HandshakeTimeout,
            goodbyeTimeout: options.Responder.ReplyTimeout ?? LongestGoodbye,
            metrics is null ? null : metrics.CountError,
            logger).Around(handler);
}
