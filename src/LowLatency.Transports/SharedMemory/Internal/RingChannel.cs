using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>The bytes of two rings.</summary>
internal readonly struct RingChannel(RingPair rings) : IByteChannel
{
    public static bool KeepsMessages => true;

    public static bool ReceiveIsCheap => true;

    public bool MessageGoesOn => rings.Incoming.MessageGoesOn;

    public IoResult Receive(Span<byte> buffer) => rings.Receive(buffer);

    public IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn) => rings.Send(bytes, messageGoesOn);

    public void Flushed() => rings.Flushed();
}
