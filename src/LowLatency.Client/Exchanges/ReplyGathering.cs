using System.Buffers;
using System.Buffers.Binary;

namespace LowLatency.Client.Exchanges;

/// <summary>Cuts replies out of what arrives, in place: one array holds everything that was received, and a reply is a part of it.</summary>
/// <remarks>Not synchronised. The array grows with the replies and is kept, so that the next exchange allocates nothing.</remarks>
internal sealed class ReplyGathering(MessageFraming framing)
{
    private const int PrefixBytes = sizeof(uint);
    private const int InitialBytes = 16 * 1024;

    // Less room than this and a receive brings too little for its price.
    private const int LeastRoom = 4 * 1024;

    // Short of what an array holds by more than one receive brings.
    private const int MostBytes = 2_000_000_000;

    private byte[] _bytes = [];
    private (int Start, int Length)[] _replies = new (int, int)[1];
    private int _received;

    // Up to here everything was cut into replies.
    private int _cut;

    // From the cut up to here there is no LF.
    private int _searched;

    private int _expected;
    private int _maxReplyBytes;

    /// <summary>Replies that are complete.</summary>
    internal int Count { get; private set; }

    internal bool IsComplete => Count == _expected;

    /// <summary>Something stands behind the last reply that nobody asked for.</summary>
    internal bool HasSurplus => _received > _cut;

    internal ReadOnlyMemory<byte> this[int index] => _bytes.AsMemory(_replies[index].Start, _replies[index].Length);

    /// <summary>Forgets what was gathered, and expects so many replies.</summary>
    internal void Begin(int expected, int maxReplyBytes)
    {
        _expected = expected;
        _maxReplyBytes = maxReplyBytes;
        _received = _cut = _searched = Count = 0;
        if (_replies.Length < expected)
        {
            _replies = new (int, int)[expected];
        }
    }

    /// <summary>Where the next receive goes: never empty.</summary>
    internal Span<byte> Room()
    {
        if (_bytes.Length - _received < LeastRoom)
        {
            Grow(LeastRoom);
        }

        return _bytes.AsSpan(_received);
    }

    /// <summary>Takes bytes that were received elsewhere.</summary>
    internal void Append(in ReadOnlySequence<byte> bytes)
    {
        int length = checked((int)bytes.Length);
        if (_bytes.Length - _received < length)
        {
            Grow(length);
        }

        bytes.CopyTo(_bytes.AsSpan(_received));
        _received += length;
    }

    /// <summary>So many bytes were received into the room.</summary>
    internal void Added(int count) => _received += count;

    /// <summary>Cuts what has been added.</summary>
    /// <param name="messageEnds">Whether what was added last is the end of a message; counts only without framing.</param>
    /// <returns>Whether no reply is too long, nor all of them together.</returns>
    internal bool TryCut(bool messageEnds) => _received <= MostBytes && framing switch
    {
        MessageFraming.Line => TryCutLines(),
        MessageFraming.LengthPrefix => TryCutPrefixed(),
        _ => TryCutMessage(messageEnds),
    };

    private bool TryCutMessage(bool messageEnds)
    {
        int length = _received - _cut;
        if (length > _maxReplyBytes)
        {
            return false;
        }

        if (messageEnds && length > 0 && !IsComplete)
        {
            AddReply(_cut, length, next: _received);
        }

        return true;
    }

    private bool TryCutLines()
    {
        while (!IsComplete)
        {
            int found = _bytes.AsSpan(_searched, _received - _searched).IndexOf((byte)'\n');
            if (found < 0)
            {
                _searched = _received;

                // The one byte more may be the CR of a line of just the allowed length.
                return _received - _cut <= _maxReplyBytes + 1L;
            }

            int end = _searched + found;
            int length = end - _cut;
            if (length > 0 && _bytes[end - 1] == (byte)'\r')
            {
                length--;
            }

            if (length > _maxReplyBytes)
            {
                return false;
            }

            AddReply(_cut, length, next: end + 1);
            _searched = _cut;
        }

        return true;
    }

    private bool TryCutPrefixed()
    {
        while (!IsComplete && _received - _cut >= PrefixBytes)
        {
            // Unsigned, so that what a peer calls negative is too long as well.
            uint length = BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(_cut));
            if (length > (uint)_maxReplyBytes)
            {
                return false;
            }

            if (_received - _cut - PrefixBytes < length)
            {
                return true;
            }

            int start = _cut + PrefixBytes;
            AddReply(start, (int)length, next: start + (int)length);
        }

        return true;
    }

    private void AddReply(int start, int length, int next)
    {
        _replies[Count++] = (start, length);
        _cut = next;
    }

    private void Grow(int room)
    {
        long wanted = (long)_received + room;
        Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(Math.Max(wanted, InitialBytes), _bytes.Length * 2L)));
    }
}
