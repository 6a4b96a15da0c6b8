using System.Net;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.LoadTest.Connections;

/// <summary>Rings in shared memory, by the client's half of the transport.</summary>
internal sealed class Rings : ClientSockets
{
    public override IConnector CreateConnector(EndPoint target, IdleStrategy idle) => new RingConnector((SharedMemoryEndPoint)target, idle);

    public override IReadiness CreateReadiness(int connections, IdleStrategy idle) => new RingReadiness(connections, idle);
}
