using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>What happens when the address is not free: one line that says so, and nobody's socket or file is taken away.</summary>
public sealed class BindTests
{
    private const int Timeout = Hanging.After;

    [Fact(Timeout = Timeout)]
    public async Task A_port_in_use_is_refused_in_one_line()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();

        BindException refused = await RefusedAsync(other.LocalEndPoint!);

        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_unix_socket_that_a_crash_left_behind_is_replaced()
    {
        UnixDomainSocketEndPoint address = BusyPollTransport.NewUnixAddress();
        LeaveStaleSocket(address);
        Assert.True(File.Exists(address.ToString()));

        await using TestServer server = await TestServer.StartAsync(new At(address), Handlers.EchoAsync);
        using Peer peer = await Peer.ConnectAsync(address);
        await peer.SendAsync("abc");

        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_unix_socket_that_somebody_listens_on_is_left_to_them()
    {
        UnixDomainSocketEndPoint address = BusyPollTransport.NewUnixAddress();
        await using TestServer first = await TestServer.StartAsync(new At(address), Handlers.EchoAsync);

        BindException refused = await RefusedAsync(address);

        Assert.Contains("another process listens", refused.Message, StringComparison.Ordinal);
        using Peer peer = await Peer.ConnectAsync(address);
        await peer.SendAsync("abc");
        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_relative_path_will_do_as_well()
    {
        var address = new UnixDomainSocketEndPoint($"{Guid.NewGuid():N}.sock");
        await using TestServer server = await TestServer.StartAsync(new At(address), Handlers.EchoAsync);
        using Peer peer = await Peer.ConnectAsync(address);
        await peer.SendAsync("abc");
        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }

    [Fact(Timeout = Timeout)]
    public async Task An_abstract_name_which_every_user_could_connect_to_is_refused()
    {
        BindException refused = await RefusedAsync(new UnixDomainSocketEndPoint($"\0{Guid.NewGuid():N}"));
        Assert.Contains("abstract", refused.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_regular_file_in_the_place_of_the_socket_is_never_deleted()
    {
        UnixDomainSocketEndPoint address = BusyPollTransport.NewUnixAddress();
        await File.WriteAllTextAsync(address.ToString(), "precious", TestContext.Current.CancellationToken);
        try
        {
            BindException refused = await RefusedAsync(address);

            Assert.Contains("not a socket", refused.Message, StringComparison.Ordinal);
            Assert.Equal("precious", await File.ReadAllTextAsync(address.ToString(), TestContext.Current.CancellationToken));
        }
        finally
        {
            File.Delete(address.ToString());
        }
    }

    private static async Task<BindException> RefusedAsync(EndPoint address)
    {
        int baseline = Descriptors.Count;
        BindException refused = await Assert.ThrowsAsync<BindException>(() => TestServer.StartAsync(new At(address), Handlers.EchoAsync));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal(address, Assert.IsType<BusyPollEndPoint>(refused.EndPoint).Address);
        await Descriptors.AreBackAt(baseline);
        return refused;
    }

    // A socket that .NET has bound is deleted when it is closed; a crash would not have done that.
    private static void LeaveStaleSocket(UnixDomainSocketEndPoint address)
    {
        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(address);
        string aside = address + ".aside";
        File.Move(address.ToString(), aside);
        bound.Dispose();
        File.Move(aside, address.ToString());
    }

    private sealed class At(EndPoint address) : TestTransport
    {
        internal override void Use(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder) => builder.UseBusyPoll();

        internal override EndPoint NewEndPoint() => new BusyPollEndPoint(address);
    }
}
