using System.Buffers.Binary;
using System.Text;

namespace LowLatency.Fuzz.Driver;

/// <summary>One input, taken apart: decisions from its end, data from its front, so that a change of the one leaves the other alone.</summary>
/// <remarks>An input that has run out gives zeros: every input is a valid one.</remarks>
internal sealed class FuzzInput
{
    private byte[] _bytes = [];
    private int _front;
    private int _back;

    internal bool IsEmpty => _front >= _back;

    internal int Left => _back - _front;

    internal void Reset(byte[] bytes) => (_bytes, _front, _back) = (bytes, 0, bytes.Length);

    /// <summary>A decision among 256.</summary>
    internal byte Byte() => IsEmpty ? (byte)0 : _bytes[--_back];

    /// <summary>A decision from 0 to just below a limit.</summary>
    internal int Below(int limit)
    {
        if (limit <= 1)
        {
            return 0;
        }

        int value = Byte();
        for (int reach = 256; reach < limit; reach <<= 8)
        {
            value = (value << 8) | Byte();
        }

        return (int)((uint)value % (uint)limit);
    }

    internal bool Chance(int oneIn) => Below(oneIn) == 1;

    internal T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian([Byte(), Byte(), Byte(), Byte()]);

    /// <summary>Data, as much of it as there is.</summary>
    internal ReadOnlyMemory<byte> Data(int most)
    {
        int count = Math.Min(most, Left);
        _front += count;
        return _bytes.AsMemory(_front - count, count);
    }

    /// <summary>All data that is left, as text; half of a surrogate pair included, which no encoding gives.</summary>
    internal string Text(int most)
    {
        ReadOnlySpan<byte> data = Data(most).Span;
        string text = Encoding.UTF8.GetString(data);
        return text.Contains('\uFFFD') ? Encoding.Latin1.GetString(data).Replace('\u00FF', '\uD800') : text;
    }
}
