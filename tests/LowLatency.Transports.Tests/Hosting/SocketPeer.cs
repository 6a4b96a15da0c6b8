using System.Net;
using System.Net.Sockets;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>A peer by the framework's own socket.</summary>
internal sealed class SocketPeer : Peer
{
    private readonly Socket _socket;

    private SocketPeer(Socket socket) => _socket = socket;

    internal static new async Task<Peer> ConnectAsync(EndPoint address)
    {
        bool overIp = address is IPEndPoint;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, overIp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (overIp)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(address, Cancellation);
            return new SocketPeer(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal override async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, Cancellation)..];
        }
    }

    internal override int TrySend(ReadOnlySpan<byte> bytes)
    {
        _socket.Blocking = false;
        int count = _socket.Send(bytes, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? count : 0;
    }

    internal override void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    internal override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer, Cancellation);

    internal override void Reset()
    {
        if (_socket.AddressFamily != AddressFamily.Unix)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        _socket.Close(0);
    }

    public override void Dispose() => _socket.Dispose();
}
