using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>Where a peer answers soon, the thread of the pool that waits for it looks for its next message itself.</summary>
public sealed class QuickPeerTests
{
    private const int Timeout = Hanging.After;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    [Fact(Timeout = Timeout)]
    public async Task A_message_is_found_without_the_loop()
    {
        // In a row: one that is late by a millisecond finds the next message there by chance.
        const int Enough = 4;
        int found = 0;
        bool reached = false;
        await using TestServer server = await StartAsync(Long, connection => EchoAsync(connection, waited: waited => found = waited ? 0 : found + 1));

        // On a thread of its own: whoever looks makes way for those who need one of the pool, which other tests do as well.
        await Task.Factory.StartNew(() =>
        {
            using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            peer.Connect(server.Address);
            while (!reached && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                peer.Send("abc"u8);
                Assert.Equal(3, peer.Receive(new byte[8]));
                Thread.Sleep(1);
                reached = Volatile.Read(ref found) >= Enough;
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(reached);
    }

    [Fact(Timeout = Timeout)]
    public async Task None_is_lost_where_the_peer_is_quick_now_and_slow_then()
    {
        await using TestServer server = await StartAsync(TimeSpan.FromMilliseconds(1), connection => EchoAsync(connection));
        using Peer peer = await server.ConnectAsync();
        for (int turn = 0; turn < 100; turn++)
        {
            for (int message = 0; message < 8; message++)
            {
                await ExchangeAsync(peer);
            }

            await Task.Delay(turn % 4, TestContext.Current.CancellationToken);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancelled_read_returns_and_the_next_one_goes_on()
    {
        int cancelled = 0;
        PipeReader? input = null;
        await using TestServer server = await StartAsync(Long, connection =>
        {
            input = connection.Transport.Input;
            return EchoAsync(connection, cancelled: () => Interlocked.Increment(ref cancelled));
        });
        using Peer peer = await server.ConnectAsync();
        for (int turn = 1; turn <= 20; turn++)
        {
            for (int message = 0; message < 8; message++)
            {
                await ExchangeAsync(peer);
            }

            input!.CancelPendingRead();
            await Eventually.IsTrue(() => Volatile.Read(ref cancelled) == turn, () => $"{cancelled} of {turn} cancelled");
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task The_end_is_told_also_to_an_application_that_does_not_read()
    {
        var busy = new TaskCompletionSource();
        var closed = new TaskCompletionSource();
        await using TestServer server = await StartAsync(Long, async connection =>
        {
            int messages = 0;
            await EchoAsync(connection, stop: () => ++messages == 20);
            connection.ConnectionClosed.UnsafeRegister(_ => closed.SetResult(), null);
            busy.SetResult();
            await closed.Task;
        });
        using (Peer peer = await server.ConnectAsync())
        {
            for (int message = 0; message < 20; message++)
            {
                await ExchangeAsync(peer);
            }

            await busy.Task;
        }

        await closed.Task;
    }

    private static Task<TestServer> StartAsync(TimeSpan spinFor, Func<ConnectionContext, Task> handler)
        => TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.ThreadPool, options => options.ThreadPoolSpinFor = spinFor), handler);

    private static async Task ExchangeAsync(Peer peer)
    {
        await peer.SendAsync("abc");
        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }

    private static async Task EchoAsync(ConnectionContext connection, Action<bool>? waited = null, Action? cancelled = null, Func<bool>? stop = null)
    {
        do
        {
            ValueTask<ReadResult> reading = connection.Transport.Input.ReadAsync();
            waited?.Invoke(!reading.IsCompleted);
            ReadResult read = await reading;
            if (read.IsCanceled)
            {
                cancelled?.Invoke();
            }

            if (read.IsCompleted)
            {
                return;
            }

            foreach (ReadOnlyMemory<byte> bytes in read.Buffer)
            {
                connection.Transport.Output.Write(bytes.Span);
            }

            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.FlushAsync();
        }
        while (stop?.Invoke() != true);
    }
}
