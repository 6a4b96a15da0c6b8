using LowLatency.Linux;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.LoadTest.Connections;

/// <summary>Attaches to rings in shared memory, as any client of the transport does.</summary>
/// <remarks>The handshake runs on a loop that sleeps whenever it can. What a worker that spins sends and receives does not go through it.</remarks>
internal sealed class RingConnector(SharedMemoryEndPoint target, IdleStrategy idle) : IConnector
{
    // One for all threads and runs, and as long as the process.
    private static readonly Lazy<SharedMemoryConnectionFactory> Factory =
        new(() => new SharedMemoryConnectionFactory(new BusyPollTransportOptions { WaitStrategy = WaitStrategy.Blocking }));

    public Errno TryConnect(out IWire? wire)
    {
        var attaching = new Attachment(Factory.Value, target);
        wire = idle == IdleStrategy.Spin ? new RingWire(attaching) : new PipedRingWire(attaching);
        return Errno.None;
    }
}
