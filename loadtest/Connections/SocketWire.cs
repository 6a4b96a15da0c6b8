using System.Net.Sockets;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>A wire over the framework's socket, which is connected and non-blocking.</summary>
internal sealed class SocketWire(Socket socket) : IWire
{
    public Socket Socket { get; } = socket;

    public int Descriptor => -1;

    public bool LooksAreCheap => false;

    public IoResult Send(ReadOnlySpan<byte> bytes)
    {
        int count = Socket.Send(bytes, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? IoResult.Done(count) : IoResult.Failed(PortableConnector.ToErrno(error));
    }

    public IoResult Receive(Span<byte> buffer)
    {
        int count = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? IoResult.Done(count) : IoResult.Failed(PortableConnector.ToErrno(error));
    }

    public void Dispose() => Socket.Dispose();
}
