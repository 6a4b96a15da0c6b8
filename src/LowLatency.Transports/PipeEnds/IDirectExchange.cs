using LowLatency.Linux;

namespace LowLatency.Transports.PipeEnds;

/// <summary>A polled connection without its pipes: for a client that sends, and then looks for the reply on its own thread until it is there.</summary>
/// <remarks>
/// A feature of the connection. Only while no read and no flush is pending on the pipes, and nothing is buffered in them; by
/// one thread at a time. No call waits.
/// </remarks>
internal interface IDirectExchange
{
    /// <summary>The channel keeps messages apart by itself: what one send takes arrives as one message.</summary>
    bool KeepsMessages { get; }

    /// <summary>What the last receive brought is not the end of its message.</summary>
    bool MessageGoesOn { get; }

    /// <summary>Receives what is there, at most one message where messages are kept; zero bytes are the end of the stream.</summary>
    IoResult Receive(Span<byte> buffer);

    /// <summary>Sends what fits. Where messages are kept, a send that takes only a part goes on with the rest of the same message.</summary>
    IoResult Send(ReadOnlySpan<byte> bytes);

    /// <summary>Everything that is to go out for now has been sent: tells a peer that sleeps.</summary>
    void Flushed();
}
