using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Sockets;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>An application may end before its peer has taken everything: then the transport watches over the rest.</summary>
public sealed class LastReplyTests : IDisposable
{
    private const int Timeout = Hanging.After;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lowlatency-{Guid.NewGuid():N}.sock");

    public void Dispose() => File.Delete(_path);

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_has_ended_and_does_not_take_the_last_replies_gives_its_slot_back(bool overUnix)
    {
        int cutOff = 0;
        var limit = new ConnectionLimit(1);
        await using TestServer server = await TestServer.StartAsync(
            new Plain(() => new SocketsEndPoint(Address(overUnix)) { LastReplyTimeout = TimeSpan.FromSeconds(0.2), CutOff = () => Interlocked.Increment(ref cutOff) }),
            SendMoreThanThereIsRoomForAsync,
            limit);
        using Peer peer = await server.ConnectAsync();
        peer.ShutdownSend();
        await server.HandledAsync();

        await Eventually.IsTrue(() => limit.Count == 0, () => "The slot is still taken.");
        Assert.Equal(1, Volatile.Read(ref cutOff));
    }

    [Theory(Timeout = Timeout)]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("shm")]
    public async Task Whoever_does_not_take_the_last_replies_of_a_polled_connection_is_cut_off_too(string over)
    {
        var limit = new ConnectionLimit(1);
        await using TestServer server = await TestServer.StartAsync(
            Polled(over, TimeSpan.FromSeconds(0.2)), SendMoreThanThereIsRoomForAsync, limit);
        using Peer peer = await server.ConnectAsync();
        await peer.SendAsync("go");
        await server.HandledAsync();

        await Eventually.IsTrue(() => limit.Count == 0, () => "The slot is still taken.");
    }

    [Theory(Timeout = Timeout)]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("shm")]
    public async Task Whoever_takes_the_last_replies_of_a_polled_connection_in_time_gets_all_of_them(string over)
    {
        long sent = 0;
        await using TestServer server = await TestServer.StartAsync(
            Polled(over, timeout: null), async connection => sent = await SendMoreThanThereIsRoomForAsync(connection));
        using Peer peer = await server.ConnectAsync();
        await peer.SendAsync("go");
        await server.HandledAsync();

        Assert.Equal(sent, (await peer.ReceiveToEndAsync()).Length);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_peer_that_takes_the_last_replies_in_time_gets_all_of_them()
    {
        int cutOff = 0;
        long sent = 0;
        var limit = new ConnectionLimit(1);
        await using TestServer server = await TestServer.StartAsync(
            new Plain(() => new SocketsEndPoint(Address(overUnix: false)) { CutOff = () => Interlocked.Increment(ref cutOff) }),
            async connection => sent = await SendMoreThanThereIsRoomForAsync(connection),
            limit);
        using Peer peer = await server.ConnectAsync();
        peer.ShutdownSend();
        await server.HandledAsync();

        Assert.Equal(sent, (await peer.ReceiveToEndAsync()).Length);
        await Eventually.IsTrue(() => limit.Count == 0, () => "The slot is still taken.");
        Assert.Equal(0, Volatile.Read(ref cutOff));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25)]
    public void What_no_timer_takes_is_refused_where_it_is_set(int days)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SocketsEndPoint(new IPEndPoint(IPAddress.Loopback, 0)) { LastReplyTimeout = TimeSpan.FromDays(days) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new BusyPollTransportOptions { LastReplyTimeout = TimeSpan.FromDays(days) });
    }

    private static TestTransport Polled(string over, TimeSpan? timeout) => over switch
    {
        "shm" => new SharedMemoryTransport(ApplicationScheduling.Inline, options => options.LastReplyTimeout = timeout),
        _ => new BusyPollTransport(
            over == "unix" ? AddressFamily.Unix : AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => options.LastReplyTimeout = timeout),
    };

    private EndPoint Address(bool overUnix) => overUnix ? new UnixDomainSocketEndPoint(_path) : new IPEndPoint(IPAddress.Loopback, 0);

    private static async Task<long> SendMoreThanThereIsRoomForAsync(ConnectionContext connection)
    {
        await connection.Transport.Input.ReadAsync();
        for (long sent = 4096; ; sent += 4096)
        {
            connection.Transport.Output.GetSpan(4096)[..4096].Clear();
            connection.Transport.Output.Advance(4096);
            if (await IsFullAsync(connection.Transport.Output.FlushAsync()))
            {
                return sent;
            }
        }
    }

    // A flush that waits for a moment tells nothing: the kernel may only be slow, or make more room.
    private static async Task<bool> IsFullAsync(ValueTask<FlushResult> flush)
    {
        // Twice, as one of the two may have been a moment in which nobody ran.
        Task waiting = flush.AsTask();
        for (int turn = 0; turn < 2 && !waiting.IsCompleted; turn++)
        {
            await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(0.4)));
        }

        if (!waiting.IsCompleted)
        {
            return true;
        }

        await waiting;
        return false;
    }

    private sealed class Plain(Func<SocketsEndPoint> place) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseInlineSockets();

        internal override EndPoint NewEndPoint() => place();
    }
}
