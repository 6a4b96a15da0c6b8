using System.Buffers.Binary;

namespace LowLatency.LoadTest.Workloads;

/// <summary>How a message is delimited on the wire.</summary>
internal enum Framing
{
    /// <summary>Not at all: the reply is exactly the expected bytes.</summary>
    None,

    /// <summary>LF ends a message.</summary>
    Line,

    /// <summary>A 4-byte big-endian length goes before it.</summary>
    LengthPrefix,
}

internal static class Framings
{
    /// <summary>The bytes of one message on the wire.</summary>
    public static byte[] Frame(this Framing framing, ReadOnlySpan<byte> payload)
    {
        switch (framing)
        {
            case Framing.None:
                return payload.ToArray();

            // A payload that brings its own LF is a complete line: a second one would be an empty message.
            case Framing.Line:
                return payload.EndsWith("\n"u8) ? payload.ToArray() : [.. payload, (byte)'\n'];

            case Framing.LengthPrefix:
                byte[] frame = new byte[sizeof(int) + payload.Length];
                BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
                payload.CopyTo(frame.AsSpan(sizeof(int)));
                return frame;

            default:
                throw new ArgumentOutOfRangeException(nameof(framing));
        }
    }
}
