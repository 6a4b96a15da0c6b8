using LowLatency.Linux;

namespace LowLatency.Transports.PipeEnds;

/// <summary>What the pipe ends of a polled connection stand on: bytes go out and come in, and no call waits.</summary>
/// <remarks>Implemented by structs, so that the pipe ends are compiled for each. Receiving belongs to one thread at a time, and so does sending.</remarks>
internal interface IByteChannel
{
    /// <summary>Receives what is there; zero bytes are the end of the stream.</summary>
    IoResult Receive(Span<byte> buffer);

    /// <summary>Sends what fits.</summary>
    IoResult Send(ReadOnlySpan<byte> bytes);

    /// <summary>Everything that is to go out for now has been sent: tells a peer that sleeps.</summary>
    void Flushed();
}
