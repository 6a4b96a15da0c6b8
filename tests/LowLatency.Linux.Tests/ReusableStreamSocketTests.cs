using System.Net;
using System.Net.Sockets;
using Xunit;

namespace LowLatency.Linux.Tests;

public sealed class ReusableStreamSocketTests : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReusableStreamSocketTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has these calls.");
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    [Fact]
    public void It_connects_again_after_every_close()
    {
        var connector = new StreamConnector(_listener.LocalEndPoint!);
        using var socket = new ReusableStreamSocket();
        byte[] buffer = new byte[8];
        for (byte round = 1; round <= 3; round++)
        {
            Assert.Equal(Errno.None, socket.TryConnect(connector));
            using Socket peer = _listener.Accept();
            Assert.Equal(1, socket.Send([round]).Count);
            Assert.Equal(1, peer.Receive(buffer));
            Assert.Equal(round, buffer[0]);
            Assert.True(socket.Receive(buffer).WouldBlock);

            socket.Close();
            Assert.Equal(0, peer.Receive(buffer));
        }
    }

    [Fact]
    public void Closed_it_has_no_descriptor_and_every_call_fails()
    {
        using var socket = new ReusableStreamSocket();
        Assert.False(socket.IsOpen);
        Assert.Equal(-1, socket.Descriptor);
        Assert.Equal(Errno.BadDescriptor, socket.Send([1]).Error);
        Assert.Equal(Errno.BadDescriptor, socket.Receive(new byte[1]).Error);
        socket.Close();
    }

    [Fact]
    public void A_second_connect_without_a_close_is_a_programmers_fault()
    {
        var connector = new StreamConnector(_listener.LocalEndPoint!);
        using var socket = new ReusableStreamSocket();
        Assert.Equal(Errno.None, socket.TryConnect(connector));
        Assert.Throws<InvalidOperationException>(() => socket.TryConnect(connector));
    }

    public void Dispose() => _listener.Dispose();
}
