using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>Connections by the framework's sockets: works on every system, and is slower than <see cref="LinuxConnector"/>.</summary>
/// <remarks>It connects while the caller waits, for as long as the system sees fit.</remarks>
internal sealed class PortableConnector(EndPoint target) : IConnector
{
    public Errno TryConnect(out IWire? wire)
    {
        wire = null;
        ProtocolType protocol = target is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified;
        var socket = new Socket(target.AddressFamily, SocketType.Stream, protocol);
        try
        {
            socket.NoDelay = target is IPEndPoint;
            socket.Connect(target);
            socket.Blocking = false;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return ToErrno(e.SocketErrorCode);
        }

        wire = new SocketWire(socket);
        return Errno.None;
    }

    internal static Errno ToErrno(SocketError error) => error switch
    {
        SocketError.WouldBlock or SocketError.IOPending or SocketError.NoBufferSpaceAvailable => Errno.Again,
        SocketError.ConnectionRefused => Errno.ConnectionRefused,
        SocketError.ConnectionReset => Errno.ConnectionReset,
        SocketError.ConnectionAborted => Errno.ConnectionAborted,
        SocketError.TimedOut => Errno.TimedOut,
        SocketError.TooManyOpenSockets => Errno.TooManyOpenFiles,
        SocketError.AccessDenied => Errno.AccessDenied,
        SocketError.Shutdown => Errno.BrokenPipe,
        _ => Errno.Protocol,
    };
}
