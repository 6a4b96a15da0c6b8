using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Transports.Tests.Contract;

public sealed class SharedMemoryInlineTests : PolledTransportContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.Inline);

    private protected override int MuchButLessThanBuffersTake => 30_000;
}

public sealed class SharedMemoryDispatchedTests : PolledTransportContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.ThreadPool);

    private protected override int MuchButLessThanBuffersTake => 30_000;
}

/// <summary>Every message finds the loop asleep, and most find the ring full.</summary>
public sealed class SharedMemoryBlockingTests : PolledTransportContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(
        ApplicationScheduling.Inline, options => options.WaitStrategy = WaitStrategy.Blocking, ringBytes: 4096);

    private protected override int MuchButLessThanBuffersTake => 1_000;
}

public sealed class SharedMemoryTwoLoopsTests : PolledTransportContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.Inline, options => options.Loops = 2);

    private protected override int MuchButLessThanBuffersTake => 30_000;
}

public sealed class SharedMemoryInlineClientTests : ClientContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.Inline);
}

public sealed class SharedMemoryDispatchedClientTests : ClientContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.ThreadPool, ringBytes: 4096);
}
