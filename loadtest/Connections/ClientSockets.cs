using System.Net;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>The sockets that this system offers. The only place that asks which system it is.</summary>
internal static class ClientSockets
{
    public static IConnector CreateConnector(EndPoint target)
        => OperatingSystem.IsLinux() ? new LinuxConnector(target) : new PortableConnector(target);

    public static IReadiness CreateReadiness(int connections, IdleStrategy idle)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new PortableReadiness(connections, idle);
        }

        // To try the receive itself is quicker than to ask epoll first, as long as there is one connection to try.
        return connections == 1 && idle == IdleStrategy.Spin ? new AlwaysReady() : new EpollReadiness(connections, idle);
    }
}
