using System.Net;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tls;

namespace LowLatency.LoadTest.Connections;

/// <summary>What connects to a kind of target: how to connect, and how to see which connections are ready.</summary>
internal abstract class ClientSockets
{
    /// <summary>The best sockets that this system has. The only place that chooses by system.</summary>
    public static ClientSockets OfThisSystem { get; } = OperatingSystem.IsLinux() ? new LinuxSockets() : new PortableSockets();

    /// <summary>What reaches a target.</summary>
    public static ClientSockets For(EndPoint target) => target switch
    {
        SharedMemoryEndPoint => new Rings(),
        TlsEndPoint => new TlsSockets(OfThisSystem),
        _ => OfThisSystem,
    };

    public abstract IConnector CreateConnector(EndPoint target, IdleStrategy idle);

    public abstract IReadiness CreateReadiness(int connections, IdleStrategy idle);
}
