using System.Buffers;

namespace LowLatency;

/// <summary><see cref="Framing.Line"/>: LF or CRLF ends a message.</summary>
internal struct LineFraming(int maxMessageBytes) : IMessageFraming
{
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    // Bytes at the front of the buffer in which no LF was found: a line that trickles in is searched once, not once a read.
    private long _searched;

    public FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        SequencePosition? end = buffer.Slice(_searched).PositionOf(LineFeed);
        if (end is null)
        {
            _searched = buffer.Length;

            // The one byte more may be the CR of a line of just the allowed length.
            return buffer.Length > (long)maxMessageBytes + 1 ? FrameStatus.TooLarge : FrameStatus.Incomplete;
        }

        _searched = 0;
        message = WithoutCarriageReturn(buffer.Slice(0, end.Value));
        buffer = buffer.Slice(buffer.GetPosition(1, end.Value));
        return message.Length > maxMessageBytes ? FrameStatus.TooLarge : FrameStatus.Complete;
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

        bool terminated = payload[^1] == LineFeed;
        int length = payload.Length + (terminated ? 0 : 1);
        Span<byte> line = output.GetSpan(length);
        payload.CopyTo(line);
        line[length - 1] = LineFeed;
        output.Advance(length);
    }

    private static ReadOnlySequence<byte> WithoutCarriageReturn(in ReadOnlySequence<byte> line)
        => !line.IsEmpty && line.Slice(line.Length - 1).FirstSpan[0] == CarriageReturn ? line.Slice(0, line.Length - 1) : line;
}
