using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Connections that have gone before the loop gets to them: it is kept busy by an application that blocks it.</summary>
public sealed class EarlyResetTests : IDisposable
{
    private readonly LoopBlocker _blocker = new();
    private int _lost;

    [Fact]
    public async Task One_that_was_reset_by_then_is_counted_and_never_started()
    {
        await using TestServer server = await StartAsync();
        using Peer blocking = (await _blocker.BlockAsync(server))[0];
        using (Peer gone = await server.ConnectAsync())
        {
            gone.Reset();
        }

        _blocker.Release();
        Assert.Equal("loop", await blocking.ReceiveTextAsync(4));
        await Eventually.IsTrue(() => Volatile.Read(ref _lost) == 1, () => $"{_lost} lost");
        Assert.Equal(1, _blocker.Started);
        Assert.Empty(server.Logs.Warnings);
    }

    [Fact]
    public async Task One_that_ended_without_a_word_and_one_that_said_something_are_started()
    {
        await using TestServer server = await StartAsync();
        using Peer blocking = (await _blocker.BlockAsync(server))[0];
        using (Peer silent = await server.ConnectAsync())
        using (Peer spoke = await server.ConnectAsync())
        {
            await spoke.SendAsync("a!");
            spoke.Reset();
        }

        _blocker.Release();
        Assert.Equal("loop", await blocking.ReceiveTextAsync(4));
        await Eventually.IsTrue(() => _blocker.Started == 3, () => $"{_blocker.Started} started");
        Assert.Equal(0, _lost);
    }

    [Theory(Timeout = Hanging.After)]
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

    public void Dispose() => _blocker.Dispose();

    private Task<TestServer> StartAsync() => TestServer.StartAsync(new Listening(() => Interlocked.Increment(ref _lost)), _blocker.HandleAsync);

    private sealed class Listening(Action lost) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseBusyPoll();

        internal override EndPoint NewEndPoint() => new BusyPollEndPoint(new IPEndPoint(IPAddress.Loopback, 0)) { Lost = lost };
    }
}
