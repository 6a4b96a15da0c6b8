using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task A_pending_read_that_is_cancelled_returns_and_the_next_one_goes_on()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            for (int round = 0; round < 20; round++)
            {
                Task<ReadResult> pending = input.ReadAsync().AsTask();
                input.CancelPendingRead();
                ReadResult cancelled = await pending;
                Assert.True(cancelled.IsCanceled);
                input.AdvanceTo(cancelled.Buffer.Start);
                await connection.Transport.Output.WriteTextAsync("go");

                ReadResult read = await Handlers.ReadAtLeastAsync(input, 3);
                Assert.False(read.IsCanceled);
                Assert.Equal("abc", read.Text());
                input.AdvanceTo(read.Buffer.End);
            }
        });
        using Peer peer = await server.ConnectAsync();

        for (int round = 0; round < 20; round++)
        {
            await peer.ReceiveTextAsync(2);
            await peer.SendAsync("abc");
        }

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_read_that_was_cancelled_may_be_followed_by_the_next_without_an_advance()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            Task<ReadResult> pending = input.ReadAsync().AsTask();
            input.CancelPendingRead();
            ReadResult cancelled = await pending;
            Assert.True(cancelled.IsCanceled);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await input.ReadAsync(new CancellationToken(canceled: true)));
            input.AdvanceTo(cancelled.Buffer.Start);

            input.CancelPendingRead();
            Assert.True((await input.ReadAsync()).IsCanceled);
            pending = input.ReadAsync().AsTask();
            await connection.Transport.Output.WriteTextAsync("go");
            ReadResult read = await pending;
            Assert.Equal("a", read.Text());
            Assert.Throws<InvalidOperationException>(() => input.TryRead(out _));
            input.AdvanceTo(read.Buffer.End);
        });
        using Peer peer = await server.ConnectAsync();

        await peer.ReceiveTextAsync(2);
        await peer.SendAsync("a");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_token_that_is_cancelled_already_is_looked_at_before_what_has_arrived()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult read = await Handlers.ReadAtLeastAsync(input, 3);
            input.AdvanceTo(read.Buffer.Start);
            var cancelled = new CancellationToken(canceled: true);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await input.ReadAsync(cancelled));
            Assert.Equal("abc", (await input.ReadAsync()).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancellation_without_a_pending_read_cancels_the_next_one_only()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            input.CancelPendingRead();
            ReadResult cancelled = await input.ReadAsync();
            Assert.True(cancelled.IsCanceled);
            input.AdvanceTo(cancelled.Buffer.Start);

            Assert.Equal("abc", (await Handlers.ReadAtLeastAsync(input, 3)).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_token_cancels_the_pending_read_and_the_next_one_goes_on()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            using var cancellation = new CancellationTokenSource();
            Task<ReadResult> pending = input.ReadAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
            Assert.Equal(cancellation.Token, thrown.CancellationToken);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await input.ReadAsync(cancellation.Token));
            await connection.Transport.Output.WriteTextAsync("go");

            Assert.Equal("abc", (await Handlers.ReadAtLeastAsync(input, 3)).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.ReceiveTextAsync(2);
        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_token_that_fires_after_its_read_has_no_effect_on_the_next_one()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            using var cancellation = new CancellationTokenSource();
            ReadResult first = await input.ReadAsync(cancellation.Token);
            input.AdvanceTo(first.Buffer.End);
            Task<ReadResult> second = input.ReadAsync().AsTask();
            await cancellation.CancelAsync();
            await connection.Transport.Output.WriteTextAsync("go");

            Assert.Equal("b", (await second).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("a");
        await peer.ReceiveTextAsync(2);
        await peer.SendAsync("b");

        await server.HandledAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_storm_of_cancellations_loses_doubles_and_reorders_nothing(bool byToken)
    {
        byte[] payload = Payload.Of(6_000_000);
        using var received = new MemoryStream();
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            using var stop = new CancellationTokenSource();
            CancellationTokenSource current = new();
            Task storm = Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    if (byToken)
                    {
                        Volatile.Read(ref current).Cancel();
                    }
                    else
                    {
                        input.CancelPendingRead();
                    }

                    Thread.SpinWait(50);
                }
            });
            try
            {
                while (true)
                {
                    ReadResult read;
                    try
                    {
                        read = await input.ReadAsync(byToken ? current.Token : default);
                    }
                    catch (OperationCanceledException) when (byToken)
                    {
                        Volatile.Write(ref current, new CancellationTokenSource());
                        continue;
                    }

                    foreach (ReadOnlyMemory<byte> part in read.Buffer)
                    {
                        received.Write(part.Span);
                    }

                    input.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted)
                    {
                        return;
                    }
                }
            }
            finally
            {
                await stop.CancelAsync();
                await storm;
            }
        });
        using Peer peer = await server.ConnectAsync();

        var random = new Random(1);
        for (int sent = 0; sent < payload.Length;)
        {
            int count = Math.Min(random.Next(1, 60_000), payload.Length - sent);
            await peer.SendAsync(payload.AsMemory(sent, count));
            sent += count;
        }

        peer.ShutdownSend();
        await server.HandledAsync();
        Payload.Same(payload, received.ToArray());
    }
}
