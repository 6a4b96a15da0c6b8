using System.Net.Sockets;
using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>Two ends of one Unix stream socket, the way that a client and a server get them.</summary>
internal sealed class UnixPair : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ll-").FullName;
    private readonly ListenSocket _listener;

    internal UnixPair()
    {
        var address = new UnixDomainSocketEndPoint(Path.Join(_folder, "socket"));
        var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(address);
        listening.Listen(1);
        _listener = new ListenSocket(listening);
        Assert.Equal(Errno.None, new StreamConnector(address).TryConnect(out StreamSocket? client));
        Assert.Equal(Errno.None, _listener.TryAccept(out StreamSocket? server, out _));
        (Client, Server) = (client!, server!);
    }

    internal StreamSocket Client { get; }

    internal StreamSocket Server { get; }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
