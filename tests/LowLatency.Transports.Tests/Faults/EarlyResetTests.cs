using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Connections that have gone before the loop gets to them: it is kept busy by an application that blocks it.</summary>
public sealed class EarlyResetTests : IDisposable
{
    private readonly ManualResetEventSlim _busy = new();
    private readonly ManualResetEventSlim _release = new();
    private int _lost;
    private int _handled;

    [Fact]
    public async Task One_that_was_reset_by_then_is_counted_and_never_started()
    {
        await using TestServer server = await StartAsync();
        using Peer blocking = await BlockAsync(server);
        using (Peer gone = await server.ConnectAsync())
        {
            gone.Reset();
        }

        _release.Set();
        Assert.Equal("loop", await blocking.ReceiveTextAsync(4));
        await Eventually.IsTrue(() => Volatile.Read(ref _lost) == 1, () => $"{_lost} lost");
        Assert.Equal(1, _handled);
        Assert.Empty(server.Logs.Warnings);
    }

    [Fact]
    public async Task One_that_ended_without_a_word_and_one_that_said_something_are_started()
    {
        await using TestServer server = await StartAsync();
        using Peer blocking = await BlockAsync(server);
        using (Peer silent = await server.ConnectAsync())
        using (Peer spoke = await server.ConnectAsync())
        {
            await spoke.SendAsync("a!");
            spoke.Reset();
        }

        _release.Set();
        Assert.Equal("loop", await blocking.ReceiveTextAsync(4));
        await Eventually.IsTrue(() => Volatile.Read(ref _handled) == 3, () => $"{_handled} started");
        Assert.Equal(0, _lost);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task Behind_those_that_came_to_nothing_a_silent_one_is_started_all_the_same(WaitStrategy strategy)
    {
        await using TestServer server = await TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => options.WaitStrategy = strategy),
            async connection => await connection.Transport.Output.WriteAsync("hello"u8.ToArray()));
        for (int round = 0; round < 100; round++)
        {
            using (Peer gone = await server.ConnectAsync())
            {
                gone.Reset();
            }

            using Peer silent = await server.ConnectAsync();
            Assert.Equal("hello", await silent.ReceiveTextToEndAsync());
        }
    }

    public void Dispose()
    {
        _release.Set();
        _busy.Dispose();
        _release.Dispose();
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(new Listening(() => Interlocked.Increment(ref _lost)), HandleAsync);

    private async Task<Peer> BlockAsync(TestServer server)
    {
        // What comes soon is read on the thread that starts the connection; from the first read on that has to wait, on the loop.
        Peer peer = await server.ConnectAsync();
        string thread;
        do
        {
            await peer.SendAsync("a!");
            thread = await peer.ReceiveTextAsync(4);
        }
        while (thread != "loop");
        await peer.SendAsync("block!");
        _busy.Wait(TestContext.Current.CancellationToken);
        return peer;
    }

    private async Task HandleAsync(ConnectionContext connection)
    {
        Interlocked.Increment(ref _handled);
        try
        {
            while (true)
            {
                ReadResult read = await connection.Transport.Input.ReadAsync();
                bool blocks = read.Text().Contains("block", StringComparison.Ordinal);
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                if (blocks)
                {
                    _busy.Set();
                    _release.Wait();
                }

                await connection.Transport.Output.WriteAsync(Thread.CurrentThread.IsThreadPoolThread ? "pool"u8.ToArray() : "loop"u8.ToArray());
            }
        }
        catch (IOException)
        {
        }
    }

    private sealed class Listening(Action lost) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseBusyPoll();

        internal override EndPoint NewEndPoint() => new BusyPollEndPoint(new IPEndPoint(IPAddress.Loopback, 0)) { Lost = lost };
    }
}
