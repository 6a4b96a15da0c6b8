using System.Net;
using System.Net.Sockets;

namespace LowLatency.Service.WarmUp;

/// <summary>A plain socket that waits in the kernel.</summary>
internal sealed class SocketWarmUpClient : WarmUpClient
{
    private readonly Socket _socket;

    internal SocketWarmUpClient(EndPoint address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            SendTimeout = (int)Patience.TotalMilliseconds,
        };
        if (address is IPEndPoint)
        {
            _socket.NoDelay = true;
        }

        _socket.Connect(address);
    }

    internal override void Exchange(byte[] request, byte[] reply)
    {
        _socket.Send(request);
        if (_socket.Receive(reply) == 0)
        {
            throw new IOException("The warm-up endpoint closed the connection.");
        }
    }

    public override void Dispose() => _socket.Dispose();
}
