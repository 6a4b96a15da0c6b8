using System.Buffers;

namespace LowLatency;

/// <summary>What stands at the front of the bytes received so far.</summary>
internal enum FrameStatus
{
    /// <summary>A whole message.</summary>
    Complete,

    /// <summary>Nothing, or the beginning of a message.</summary>
    Incomplete,

    /// <summary>A message over the limit, whether or not it is all there.</summary>
    TooLarge,
}

/// <summary>One connection's way of telling messages apart; implemented by structs, so that the session is compiled for each.</summary>
internal interface IMessageFraming
{
    /// <summary>Takes one message off the front.</summary>
    /// <param name="buffer">What was received and not yet answered; cut behind the message when there is a whole one, to the default when that was all.</param>
    /// <param name="message">The message without its framing.</param>
    FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message);

    /// <summary>Has a message answered, and the reply framed.</summary>
    void Respond(IResponder responder, in ReadOnlySequence<byte> message, IBufferWriter<byte> output);
}
