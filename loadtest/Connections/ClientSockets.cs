using System.Net;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>The sockets that a system offers: how to connect, and how to see which connections are ready.</summary>
internal abstract class ClientSockets
{
    /// <summary>The best that this system has. The only place that chooses by system.</summary>
    public static ClientSockets OfThisSystem { get; } = OperatingSystem.IsLinux() ? new LinuxSockets() : new PortableSockets();

    public abstract IConnector CreateConnector(EndPoint target);

    public abstract IReadiness CreateReadiness(int connections, IdleStrategy idle);
}
