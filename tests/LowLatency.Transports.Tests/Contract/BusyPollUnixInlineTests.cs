using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Transports.Tests.Contract;

public sealed class BusyPollUnixInlineTests : PolledTransportContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.Unix, ApplicationScheduling.Inline);
}
