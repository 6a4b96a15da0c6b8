using System.Net;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>The framework's sockets, which every system has.</summary>
internal sealed class PortableSockets : ClientSockets
{
    public override IConnector CreateConnector(EndPoint target, IdleStrategy idle) => new PortableConnector(target);

    public override IReadiness CreateReadiness(int connections, IdleStrategy idle) => new PortableReadiness(connections, idle);
}
