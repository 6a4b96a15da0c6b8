using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Transports.Tests.Contract;

public sealed class TcpInlineClientTests : ClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline);
}

public sealed class TcpDispatchedClientTests : ClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.ThreadPool);
}

public sealed class UnixInlineClientTests : ClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.Unix, ApplicationScheduling.Inline);
}

public sealed class UnixDispatchedClientTests : ClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.Unix, ApplicationScheduling.ThreadPool);
}
