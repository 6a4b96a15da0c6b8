using System.Buffers;
using System.Buffers.Binary;

namespace LowLatency;

/// <summary><see cref="Framing.LengthPrefix"/>: four bytes of big-endian length before each payload.</summary>
internal struct LengthPrefixFraming(int maxMessageBytes) : IMessageFraming
{
    private const int PrefixBytes = sizeof(uint);

    public readonly FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < PrefixBytes)
        {
            return FrameStatus.Incomplete;
        }

        // Unsigned, so that what a peer calls negative is over the limit as well.
        uint length = ReadPrefix(in buffer);
        if (length > (uint)maxMessageBytes)
        {
            return FrameStatus.TooLarge;
        }

        if (buffer.Length - PrefixBytes < length)
        {
            return FrameStatus.Incomplete;
        }

        message = buffer.Slice(PrefixBytes, length);
        buffer = buffer.Slice(message.End);
        return FrameStatus.Complete;
    }

    public readonly void Respond(IResponder responder, in ReadOnlySequence<byte> message, IBufferWriter<byte> output)
    {
        ReplyBuffer reply = ReplyBuffer.ForThisThread();
        responder.Respond(in message, reply);
        ReadOnlySpan<byte> payload = reply.Written;
        if (payload.IsEmpty)
        {
            return;
        }

        Span<byte> frame = output.GetSpan(PrefixBytes + payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length);
        payload.CopyTo(frame[PrefixBytes..]);
        output.Advance(PrefixBytes + payload.Length);
    }

    private static uint ReadPrefix(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.FirstSpan.Length >= PrefixBytes)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(buffer.FirstSpan);
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        return BinaryPrimitives.ReadUInt32BigEndian(prefix);
    }
}
