using System.Buffers.Binary;

namespace LowLatency.Core.Tests.Framing;

/// <summary>The framings once more, as plainly as can be: over the whole stream at once, byte by byte.</summary>
internal static class NaiveFraming
{
    /// <summary>The reply stream of a responder that puts brackets around each message.</summary>
    internal static byte[] Replies(LowLatency.Framing framing, byte[] stream, int maxMessageBytes)
    {
        var replies = new List<byte>();
        foreach (byte[] message in Messages(framing, stream, maxMessageBytes))
        {
            byte[] reply = [(byte)'[', .. message, (byte)']'];
            replies.AddRange(framing == LowLatency.Framing.Line ? [.. reply, (byte)'\n'] : [.. Prefix(reply.Length), .. reply]);
        }

        return [.. replies];
    }

    internal static byte[] Prefix(int length)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        return prefix;
    }

    private static IEnumerable<byte[]> Messages(LowLatency.Framing framing, byte[] stream, int maxMessageBytes)
        => (framing == LowLatency.Framing.Line ? Lines(stream) : Prefixed(stream)).TakeWhile(message => message.Length <= maxMessageBytes);

    private static IEnumerable<byte[]> Lines(byte[] stream)
    {
        var line = new List<byte>();
        foreach (byte next in stream)
        {
            if (next != '\n')
            {
                line.Add(next);
                continue;
            }

            if (line.Count > 0 && line[^1] == '\r')
            {
                line.RemoveAt(line.Count - 1);
            }

            yield return [.. line];
            line.Clear();
        }
    }

    private static IEnumerable<byte[]> Prefixed(byte[] stream)
    {
        for (int at = 0; at + 4 <= stream.Length;)
        {
            long length = ((long)stream[at] << 24) | ((long)stream[at + 1] << 16) | ((long)stream[at + 2] << 8) | stream[at + 3];
            at += 4;
            if (at + length > stream.Length)
            {
                yield break;
            }

            yield return stream[at..(at + (int)length)];
            at += (int)length;
        }
    }
}
