using LowLatency.Linux;

namespace LowLatency.Transports.PipeEnds;

/// <summary>What the pipe ends of a polled connection stand on: bytes go out and come in, and no call waits.</summary>
/// <remarks>Implemented by structs, so that the pipe ends are compiled for each. Receiving belongs to one thread at a time, and so does sending.</remarks>
internal interface IByteChannel
{
    /// <summary>The channel keeps messages apart by itself; a constant, so that the pipe ends are compiled without what they do not need.</summary>
    static abstract bool KeepsMessages { get; }

    /// <summary>A receive is no system call: to look once more costs next to nothing.</summary>
    static abstract bool ReceiveIsCheap { get; }

    /// <summary>What the last receive brought is not the end of its message.</summary>
    bool MessageGoesOn { get; }

    /// <summary>Receives what is there, at most one message where messages are kept; zero bytes are the end of the stream.</summary>
    IoResult Receive(Span<byte> buffer);

    /// <summary>Sends what fits.</summary>
    /// <param name="bytes">What to send.</param>
    /// <param name="messageGoesOn">More of the same message follows in the next send, whatever this one takes.</param>
    IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn);

    /// <summary>Everything that is to go out for now has been sent: tells a peer that sleeps.</summary>
    void Flushed();
}
