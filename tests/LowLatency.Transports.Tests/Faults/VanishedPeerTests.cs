using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Sockets;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>What the kernel is told about peers that vanish, by the socket of each connection. That it ends them is shown by <c>tests/faults.sh network</c>.</summary>
[SupportedOSPlatform("linux")]
public sealed class VanishedPeerTests
{
    private const int Timeout = Hanging.After;
    private const int UserTimeout = 18;

    private static readonly KernelTimes TwoMinutes = new(true, 60, 30, 120_000);

    [Fact(Timeout = Timeout)]
    public async Task A_polled_connection_fails_two_minutes_after_its_peer_has_vanished()
        => Assert.Equal(TwoMinutes, await AcceptedAsync(new Polled(_ => { })));

    [Fact(Timeout = Timeout)]
    public async Task A_connection_of_the_Sockets_transport_fails_two_minutes_after_its_peer_has_vanished()
        => Assert.Equal(TwoMinutes, await AcceptedAsync(new Plain(address => new SocketsEndPoint(address))));

    [Fact(Timeout = Timeout)]
    public async Task A_timeout_is_rounded_up_to_whole_seconds()
        => Assert.Equal(new KernelTimes(true, 4, 2, 9000), await AcceptedAsync(new Polled(options => options.VanishedPeerTimeout = TimeSpan.FromSeconds(8.1))));

    [Fact(Timeout = Timeout)]
    public async Task The_Sockets_transport_takes_a_timeout_per_endpoint()
        => Assert.Equal(
            new KernelTimes(true, 4, 2, 8000),
            await AcceptedAsync(new Plain(address => new SocketsEndPoint(address) { VanishedPeerTimeout = TimeSpan.FromSeconds(8) })));

    [Fact(Timeout = Timeout)]
    public async Task Without_a_timeout_there_is_keep_alive_by_the_kernels_times()
    {
        KernelTimes times = await AcceptedAsync(new Polled(options => options.VanishedPeerTimeout = null));

        Assert.True(times.KeepAlive);
        Assert.Equal(0, times.UserTimeout);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_polled_client_fails_two_minutes_after_its_server_has_vanished()
    {
        await using TestServer server = await TestServer.StartAsync(new Polled(_ => { }), Handlers.EchoAsync);
        using var factory = new BusyPollConnectionFactory();
        await using ConnectionContext client = await factory.ConnectAsync(server.Address, TestContext.Current.CancellationToken);

        Assert.Equal(TwoMinutes, FindSocket(server.Address));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25)]
    public void What_no_kernel_takes_is_refused_where_it_is_set(int days)
    {
        var options = new BusyPollTransportOptions();
        Assert.Throws<ArgumentOutOfRangeException>(() => options.VanishedPeerTimeout = TimeSpan.FromDays(days));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SocketsEndPoint(new IPEndPoint(IPAddress.Loopback, 0)) { VanishedPeerTimeout = TimeSpan.FromDays(days) });
    }

    private static async Task<KernelTimes> AcceptedAsync(TestTransport transport)
    {
        var served = new TaskCompletionSource<KernelTimes>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(transport, async connection =>
        {
            served.SetResult(FindSocket(connection.RemoteEndPoint!)!);
            await Handlers.EchoAsync(connection);
        });
        using Peer peer = await server.ConnectAsync();
        return await served.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What the socket of this process that is connected to an address was told; <c>null</c> when there is none.</summary>
    private static KernelTimes? FindSocket(EndPoint remote)
    {
        foreach (string file in Directory.GetFiles("/proc/self/fd").Where(IsSocket))
        {
            using var handle = new SafeSocketHandle(int.Parse(Path.GetFileName(file)), ownsHandle: false);
            try
            {
                using var socket = new Socket(handle);
                if (remote.Equals(socket.RemoteEndPoint))
                {
                    return TimesOf(socket);
                }
            }
            catch (SocketException)
            {
                // Another test's, closed meanwhile.
            }
        }

        return null;
    }

    private static bool IsSocket(string file) => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;

    private static KernelTimes TimesOf(Socket socket)
    {
        Span<byte> userTimeout = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeout, userTimeout);
        return new KernelTimes(
            (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! != 0,
            (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!,
            (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!,
            MemoryMarshal.Read<int>(userTimeout));
    }

    /// <param name="KeepAlive">Whether there are probes at all.</param>
    /// <param name="Idle">Seconds of silence before the first.</param>
    /// <param name="Interval">Seconds between two.</param>
    /// <param name="UserTimeout">Milliseconds, 0 for the kernel's own.</param>
    private sealed record KernelTimes(bool KeepAlive, int Idle, int Interval, int UserTimeout);

    private sealed class Polled(Action<BusyPollTransportOptions> configure) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseBusyPoll(configure);

        internal override EndPoint NewEndPoint() => new BusyPollEndPoint(new IPEndPoint(IPAddress.Loopback, 0));
    }

    private sealed class Plain(Func<IPEndPoint, SocketsEndPoint> place) : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseInlineSockets();

        internal override EndPoint NewEndPoint() => place(new IPEndPoint(IPAddress.Loopback, 0));
    }
}
