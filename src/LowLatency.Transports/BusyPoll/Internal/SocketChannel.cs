using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>The bytes of a socket.</summary>
internal readonly struct SocketChannel(StreamSocket socket) : IByteChannel
{
    public static bool KeepsMessages => false;

    public static bool ReceiveIsCheap => false;

    public bool MessageGoesOn => false;

    public IoResult Receive(Span<byte> buffer) => socket.Receive(buffer);

    public IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn) => socket.Send(bytes);

    // The kernel wakes whoever sleeps.
    public void Flushed()
    {
    }
}
