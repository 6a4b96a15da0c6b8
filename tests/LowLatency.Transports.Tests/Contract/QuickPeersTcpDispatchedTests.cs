using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Transports.Tests.Contract;

/// <summary>Every peer is quick here: threads of the pool look for its messages themselves.</summary>
public sealed class QuickPeersTcpDispatchedTests : PolledTransportContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(
        AddressFamily.InterNetwork, ApplicationScheduling.ThreadPool, options => options.ThreadPoolSpinFor = TimeSpan.FromMilliseconds(200));
}
