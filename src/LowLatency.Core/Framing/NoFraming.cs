using System.Buffers;

namespace LowLatency;

/// <summary><see cref="Framing.None"/>: all that is there is one message.</summary>
internal struct NoFraming : IMessageFraming
{
    public readonly FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = buffer;
        if (buffer.IsEmpty)
        {
            return FrameStatus.Incomplete;
        }

        buffer = default;
        return FrameStatus.Complete;
    }

    public readonly void Respond(IResponder responder, in ReadOnlySequence<byte> message, IBufferWriter<byte> output)
        => responder.Respond(in message, output);
}
