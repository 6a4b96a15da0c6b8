using System.Net.Sockets;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Streams;

/// <summary>What a stream owes to whoever reads and writes it, on every transport.</summary>
public abstract class StreamContract
{
    private const int Timeout = Hanging.After;

    private protected abstract TestTransport Transport { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_is_written_comes_back_and_then_the_end(bool synchronously)
    {
        byte[] payload = Payload.Of(3_000_000);
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await using LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        using var received = new MemoryStream();

        Task reading = stream.CopyToAsync(received, Cancellation);
        if (synchronously)
        {
            await OwnThread.RunAsync(() => stream.Write(payload));
        }
        else
        {
            await stream.WriteAsync(payload, Cancellation);
        }

        stream.CompleteWrites();
        await reading;

        Payload.Same(payload, received.ToArray());
    }

    [Fact(Timeout = Timeout)]
    public async Task A_stream_that_was_disposed_has_no_writes_to_complete()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        await stream.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(stream.CompleteWrites);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_to_a_peer_that_has_gone_fails(bool synchronously)
    {
        // Not before it has heard something: until then the other side may still be connecting, and that would fail.
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            connection.Abort();
        });
        await using LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);

        // The first ones find room.
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
            {
                Cancellation.ThrowIfCancellationRequested();
                if (synchronously)
                {
                    await OwnThread.RunAsync(() => stream.Write("anybody?"u8));
                }
                else
                {
                    await stream.WriteAsync("anybody?"u8.ToArray(), Cancellation);
                }
            }
        });
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposal_is_seen_by_the_peer_behind_what_was_written(bool synchronously)
    {
        byte[] received = [];
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
            received = await Handlers.ReadToEndAsync(connection.Transport.Input));
        LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        await stream.WriteAsync("that is all"u8.ToArray(), Cancellation);
        if (synchronously)
        {
            stream.Dispose();
        }
        else
        {
            await stream.DisposeAsync();
        }

        await server.HandledAsync();
        Assert.Equal("that is all"u8.ToArray(), received);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadExactlyAsync(new byte[1], Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.WriteAsync(new byte[1], Cancellation));
    }

    [Fact(Timeout = Timeout)]
    public async Task Disposal_gives_up_a_write_that_waits_for_the_peer()
    {
        var ended = new TaskCompletionSource();
        await using TestServer server = await TestServer.StartAsync(Transport, _ => ended.Task);
        LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        Task writing = stream.WriteAsync(new byte[64 * 1024 * 1024], Cancellation).AsTask();
        Assert.False(writing.IsCompleted);

        await stream.DisposeAsync();

        _ = await Record.ExceptionAsync(() => writing);
        ended.SetResult();
    }

    [Fact(Timeout = Timeout)]
    public async Task Disposal_ends_a_read_that_waits_for_the_peer_who_sees_a_clean_end()
    {
        byte[]? received = null;
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
            received = await Handlers.ReadToEndAsync(connection.Transport.Input));
        LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        await stream.WriteAsync("hola"u8.ToArray(), Cancellation);
        Task<int> reading = stream.ReadAsync(new byte[10], Cancellation).AsTask();
        Assert.False(reading.IsCompleted);

        await stream.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        await server.HandledAsync();
        Assert.Equal("hola"u8.ToArray(), received);
    }

    [Fact(Timeout = Timeout)]
    public async Task Disposal_by_another_thread_while_replies_come_in_touches_no_other_stream()
    {
        const int Streams = 300;
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await using LowLatencyStream bystander = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        byte[] said = new byte[1000];
        byte[] heard = new byte[said.Length];
        for (int round = 0; round < Streams; round++)
        {
            LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
            Task talking = TalkUntilDisposedAsync(stream);
            for (int exchange = 0; exchange < round % 8; exchange++)
            {
                Random.Shared.NextBytes(said);
                await bystander.WriteAsync(said, Cancellation);
                await bystander.ReadExactlyAsync(heard, Cancellation);
                Assert.Equal(said, heard);
            }

            await stream.DisposeAsync();
            await talking;
        }
    }

    // Its reader finds its own bytes, or that it was disposed of.
    private static async Task TalkUntilDisposedAsync(LowLatencyStream stream)
    {
        byte[] said = new byte[2000];
        byte[] heard = new byte[said.Length];
        try
        {
            while (true)
            {
                Random.Shared.NextBytes(said);
                await stream.WriteAsync(said, Cancellation);
                await stream.ReadExactlyAsync(heard, Cancellation);
                Assert.Equal(said, heard);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or IOException)
        {
            // As it must.
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_read_can_be_cancelled_and_the_next_one_goes_on()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync);
        await using LowLatencyStream stream = await LowLatencyStream.ConnectAsync(server.Url(), cancellationToken: Cancellation);
        byte[] buffer = new byte[10];
        using var cancellation = new CancellationTokenSource();
        Task<int> reading = stream.ReadAsync(buffer, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        await stream.WriteAsync("hola"u8.ToArray(), Cancellation);
        Assert.Equal(4, await stream.ReadAsync(buffer, Cancellation));
    }
}

public sealed class TcpStreamTests : StreamContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.ThreadPool);
}

public sealed class UnixStreamTests : StreamContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.Unix, ApplicationScheduling.ThreadPool);
}

public sealed class ShmStreamTests : StreamContract
{
    private protected override TestTransport Transport { get; } = new SharedMemoryTransport(ApplicationScheduling.ThreadPool);
}
