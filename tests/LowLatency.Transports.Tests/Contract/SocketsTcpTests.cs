using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Transports.Tests.Contract;

public sealed class SocketsTcpTests : TransportContract
{
    private protected override TestTransport Transport { get; } = new SocketsTransport();
}
