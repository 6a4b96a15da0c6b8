using System.Buffers.Binary;

namespace LowLatency.Client.Exchanges;

/// <summary>Requests one behind the other as they go over the wire, in memory that is kept.</summary>
internal sealed class FramedRequests(MessageFraming framing)
{
    private const int PrefixBytes = sizeof(uint);
    private const byte LineFeed = (byte)'\n';

    private byte[] _bytes = new byte[256];
    private int[] _ends = new int[1];
    private int _length;

    internal int Count { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Where each request ends within the bytes.</summary>
    internal ReadOnlyMemory<int> Ends => _ends.AsMemory(0, Count);

    internal MessageFraming Framing => framing;

    internal void Clear()
    {
        Count = 0;
        _length = 0;
    }

    /// <exception cref="ArgumentException">It cannot be framed.</exception>
    internal void Add(ReadOnlySpan<byte> request)
    {
        ThrowIfUnframeable(request);
        Span<byte> room = Reserve(request.Length + PrefixBytes);
        int length = request.Length;
        switch (framing)
        {
            case MessageFraming.LengthPrefix:
                BinaryPrimitives.WriteUInt32BigEndian(room, (uint)request.Length);
                request.CopyTo(room[PrefixBytes..]);
                length += PrefixBytes;
                break;

            case MessageFraming.Line:
                request.CopyTo(room);
                if (request.IsEmpty || request[^1] != LineFeed)
                {
                    room[length++] = LineFeed;
                }

                break;

            default:
                request.CopyTo(room);
                break;
        }

        _length += length;
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, _ends.Length * 2);
        }

        _ends[Count++] = _length;
    }

    /// <summary>Refuses what the peer would take for no request, or for several, and so bring the two out of step.</summary>
    private void ThrowIfUnframeable(ReadOnlySpan<byte> request)
    {
        if (framing == MessageFraming.None && request.IsEmpty)
        {
            throw new ArgumentException("Without framing an empty request is no request.", nameof(request));
        }

        if (framing == MessageFraming.Line && request.IndexOf(LineFeed) is int found and >= 0 && found != request.Length - 1)
        {
            throw new ArgumentException("An LF within a line makes it several requests: add them one by one.", nameof(request));
        }
    }

    private Span<byte> Reserve(int count)
    {
        long wanted = (long)_length + count;
        if (wanted > _bytes.Length)
        {
            if (wanted > Array.MaxLength)
            {
                throw new InvalidOperationException("A batch holds 2 GiB at most.");
            }

            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(wanted, _bytes.Length * 2L)));
        }

        return _bytes.AsSpan(_length);
    }
}
