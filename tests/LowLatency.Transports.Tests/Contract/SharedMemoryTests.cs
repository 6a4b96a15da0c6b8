using System.IO.Pipelines;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

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

    [Fact(Timeout = Timeout)]
    public async Task A_read_waits_after_a_message_that_has_filled_the_receive_array()
    {
        // In one record, which takes a ring of more than four times its size.
        byte[] message = Payload.Of(new BusyPollTransportOptions().ReceiveBytes);
        await using TestServer server = await TestServer.StartAsync(new SharedMemoryTransport(ApplicationScheduling.ThreadPool, ringBytes: 1 << 20), async connection =>
        {
            PipeReader input = connection.Transport.Input;
            Task<ReadResult> first = input.ReadAsync().AsTask();
            await connection.Transport.Output.WriteTextAsync("go");
            input.AdvanceTo((await first).Buffer.End);

            // It returns, and does not look on its own thread until something comes.
            Task<ReadResult> second = input.ReadAsync().AsTask();
            await connection.Transport.Output.WriteTextAsync("on");
            Assert.Equal("abc", (await second).Text());
        });
        using Peer peer = await server.ConnectAsync();

        Assert.Equal("go", await peer.ReceiveTextAsync(2));
        await peer.SendAsync(message);
        Assert.Equal("on", await peer.ReceiveTextAsync(2));
        await peer.SendAsync("abc");

        await server.HandledAsync();
    }
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
