using System.Net;
using LowLatency.Service.Configuration;
using LowLatency.Service.Supervision;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LowLatency.Service.Endpoints;

/// <summary>The configured endpoints as Kestrel listens on them, each with its handler.</summary>
internal sealed class EndpointRegistry(ServiceOptions options, ResponderMetrics? metrics, OpenEndpoints open, InheritedSockets inherited, ILogger logger) : IDisposable
{
    private readonly EndpointHandlers _handlers = new(options, metrics, open, logger);
    private readonly List<(EndpointOptions Endpoint, ListenOptions Listen)> _listening = [];

    /// <summary>Each endpoint with its address; after the start that is the one in use, also where port 0 was asked for.</summary>
    internal IEnumerable<(EndpointOptions Endpoint, string Url)> Listening
        => _listening.Select(each => (each.Endpoint, $"{each.Endpoint.Url.Scheme}://{each.Listen.EndPoint}"));

    internal void ListenOn(KestrelServerOptions kestrel)
    {
        foreach (EndpointOptions endpoint in options.Endpoints.Where(CanListen))
        {
            ConnectionDelegate handler = _handlers.For(endpoint);
            kestrel.Listen(AddressOf(endpoint, endpoint.Url.EndPoint, SettingsFor(endpoint)), listen =>
            {
                _listening.Add((endpoint, listen));
                listen.Use(_ => handler);
            });
        }
    }

    /// <summary>Whether this system has what the endpoint needs; the start says of those that are left out.</summary>
    internal static bool CanListen(EndpointOptions endpoint) => endpoint.SharedMemory is null || OperatingSystem.IsLinux();

    // The type of the address chooses the transport.
    internal static EndPoint AddressOf(EndpointOptions kind, EndPoint address, ListenSettings settings)
    {
        if (address is SharedMemoryEndPoint place)
        {
            return new SharedMemoryEndPoint(place.Path)
            {
                RingBytes = kind.SharedMemory!.RingBytes,
                AllowUsers = settings.Peers.Users,
                AllowGroups = settings.Peers.Groups,
                Limit = settings.Limit,
                Refused = reason =>
                {
                    if (ErrorOf(reason) is ErrorType error)
                    {
                        settings.Refused?.Invoke(error);
                    }
                },
                Bound = settings.Bound,
                Inherited = settings.Inherited,
            };
        }

        return kind.Transport == TransportKind.BusyPoll
            ? new BusyPollEndPoint(address)
            {
                AllowNetworks = settings.Peers.Networks,
                AllowUsers = settings.Peers.Users,
                AllowGroups = settings.Peers.Groups,
                Limit = settings.Limit,
                Refused = () => settings.Refused?.Invoke(ErrorType.NotAllowed),
                Lost = () => settings.Refused?.Invoke(ErrorType.Transport),
                Bound = settings.Bound,
                Inherited = settings.Inherited,
            }
            : new SocketsEndPoint(address)
            {
                VanishedPeerTimeout = settings.VanishedPeerTimeout,
                LastReplyTimeout = settings.LastReplyTimeout,
                CutOff = () => settings.Refused?.Invoke(ErrorType.SlowReader),
                AllowNetworks = settings.Peers.Networks,
                Limit = settings.Limit,
                Refused = () => settings.Refused?.Invoke(ErrorType.NotAllowed),
                Bound = settings.Bound,
                Inherited = settings.Inherited,
            };
    }

    private static ErrorType? ErrorOf(SharedMemoryRefusal reason) => reason switch
    {
        SharedMemoryRefusal.NotAllowed => ErrorType.NotAllowed,
        SharedMemoryRefusal.NoMemory => ErrorType.NoMemory,
        SharedMemoryRefusal.TimedOut => ErrorType.HandshakeTimeout,
        SharedMemoryRefusal.Stopping => null,
        _ => ErrorType.Protocol,
    };

    private ListenSettings SettingsFor(EndpointOptions endpoint) => new()
    {
        Peers = endpoint.Peers,
        VanishedPeerTimeout = options.Limits.VanishedPeerTimeout,
        LastReplyTimeout = options.Responder.ReplyTimeout,
        Refused = metrics is null ? null : metrics.CountError,
        Bound = open.Add,
        Inherited = inherited.For(endpoint),
    };

    public void Dispose() => _handlers.Dispose();
}
