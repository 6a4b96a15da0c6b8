using System.Net;
using System.Net.Sockets;
using Xunit;

namespace LowLatency.Linux.Tests;

public class CongestionControlTests
{
    [Fact]
    public void What_is_chosen_for_a_listening_socket_is_the_accepted_sockets_as_well()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Equal(Errno.None, CongestionControl.TrySet((int)listener.Handle, CongestionControl.Reno));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        using Socket accepted = listener.Accept();

        Assert.Equal((Errno.None, "reno"), (CongestionControl.TryGet((int)accepted.Handle, out string algorithm), algorithm));
    }

    [Fact]
    public void One_that_the_kernel_does_not_have_and_a_socket_that_has_none_are_told()
    {
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(Errno.NoEntry, CongestionControl.TrySet((int)tcp.Handle, "no-such"));
        using var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.NotEqual(Errno.None, CongestionControl.TryGet((int)local.Handle, out _));
    }
}
