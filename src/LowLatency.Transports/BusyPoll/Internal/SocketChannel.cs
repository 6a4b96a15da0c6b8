using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>The bytes of a socket.</summary>
internal readonly struct SocketChannel(StreamSocket socket) : IByteChannel
{
    public IoResult Receive(Span<byte> buffer) => socket.Receive(buffer);

    public IoResult Send(ReadOnlySpan<byte> bytes) => socket.Send(bytes);

    // The kernel wakes whoever sleeps.
    public void Flushed()
    {
    }
}
