using System.Net;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>The kernel's own calls.</summary>
internal sealed class LinuxSockets : ClientSockets
{
    public override IConnector CreateConnector(EndPoint target, IdleStrategy idle) => new LinuxConnector(target);

    // To try the receive itself is quicker than to ask epoll first, as long as there is one connection to try.
    public override IReadiness CreateReadiness(int connections, IdleStrategy idle)
        => connections == 1 && idle == IdleStrategy.Spin ? new AlwaysReady() : new EpollReadiness(connections, idle);
}
