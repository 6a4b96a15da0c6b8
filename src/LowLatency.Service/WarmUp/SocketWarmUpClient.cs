using System.Net;
using System.Net.Sockets;

namespace LowLatency.Service.WarmUp;

/// <summary>A plain socket that waits in the kernel.</summary>
internal sealed class SocketWarmUpClient : WarmUpClient
{
    private readonly Socket _socket;

    internal SocketWarmUpClient(EndPoint address) => _socket = Connected(address);

    /// <summary>A socket that is connected, and gives up rather than wait for ever.</summary>
    internal static Socket Connected(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            SendTimeout = (int)Patience.TotalMilliseconds,
        };
        try
        {
            if (address is IPEndPoint)
            {
                socket.NoDelay = true;
            }

            socket.Connect(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
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
