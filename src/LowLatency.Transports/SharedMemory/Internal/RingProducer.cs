using LowLatency.Linux;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>The writing end of a ring. One thread at a time.</summary>
/// <remarks>
/// <para>
/// Publication: the payload is written first, then the commit word with release, which pairs with the acquire in
/// <see cref="RingConsumer"/>. The consumer waits at the commit word of the record that does not exist yet, and must find zero
/// there, not what an earlier lap has left: the headers at the starts of the lines behind the last record are zeroed ahead
/// (<see cref="PrepareAhead"/>), which also brings those lines to this core before they are needed. That is done when nothing
/// is urgent: a store waits for its line, and a commit waits for the stores before it.
/// </para>
/// <para>
/// Sleeping consumer: commit, full fence, read <see cref="RingWords.ConsumerSleeps"/>. It does: set the word, full fence, read
/// the commit word, sleep. Whatever the order, one of the two sees the other: it finds the record, or we find the word and ring.
/// </para>
/// <para>
/// Waiting for room: set <see cref="RingWords.ProducerWaits"/>, full fence, read <see cref="RingWords.Consumed"/>, sleep. The
/// consumer does: write consumed, full fence, read the word. The same argument.
/// </para>
/// </remarks>
internal sealed unsafe class RingProducer(RingWords ring)
{
    /// <summary>How far ahead of the last record the lines are prepared: for a handful of small messages.</summary>
    private const uint AheadBytes = 8 * RingLayout.LineBytes;

    private readonly int _largestPayload = RingLayout.LargestPayload(ring.Bytes);
    private ulong _position;
    private ulong _zeroedTo = ring.Bytes;
    private ulong _consumed;

    // When there was no room: whatever is consumed beyond it may make some.
    private ulong _consumedWhenFull;

    /// <summary>The peer has claimed to have consumed what is not possible.</summary>
    internal bool Violated { get; private set; }

    /// <summary>Writes as much of a message as there is room for.</summary>
    /// <param name="bytes">The message, or a part of it.</param>
    /// <param name="messageGoesOn">More of the same message follows in the next write.</param>
    internal IoResult Write(ReadOnlySpan<byte> bytes, bool messageGoesOn)
    {
        int written = 0;
        while (written < bytes.Length)
        {
            int piece = Math.Min(bytes.Length - written, _largestPayload);
            bool more = messageGoesOn || written + piece < bytes.Length;
            if (!HasRoomFor(RingLayout.RecordBytes(piece)))
            {
                return written > 0 ? IoResult.Done(written) : IoResult.Failed(Violated ? Errno.Protocol : Errno.Again);
            }

            Commit(bytes.Slice(written, piece), more ? RingLayout.More : 0);
            written += piece;
        }

        return IoResult.Done(written);
    }

    /// <summary>Ends the direction, if there is room for the record that says so.</summary>
    internal bool TryEnd()
    {
        if (!HasRoomFor(RingLayout.LineBytes))
        {
            return false;
        }

        Commit([], RingLayout.End);
        return true;
    }

    /// <summary>Whether the consumer sleeps, and is to be rung for by the caller. After the last commit for now.</summary>
    internal bool MustRing()
    {
        // Pairs with the fence in RingConsumer.PrepareToSleep.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *ring.ConsumerSleeps) != 0 && Interlocked.Exchange(ref *ring.ConsumerSleeps, 0) != 0;
    }

    /// <summary>Gets the lines ready that the next records will take. When nothing is urgent.</summary>
    internal void PrepareAhead()
    {
        ulong to = _position + AheadBytes;
        while (_zeroedTo < to && IsFree(_zeroedTo))
        {
            *HeaderAt(_zeroedTo) = 0;
            _zeroedTo += RingLayout.LineBytes;
        }
    }

    private bool IsFree(ulong line)
    {
        ulong end = line + RingLayout.LineBytes;
        if (end - _consumed <= ring.Bytes)
        {
            return true;
        }

        RefreshConsumed();
        return !Violated && end - _consumed <= ring.Bytes;
    }

    /// <summary>Has the consumer ring when it has consumed, unless there is room meanwhile.</summary>
    /// <returns>Whether to sleep; otherwise there is room, or the peer has violated the protocol.</returns>
    internal bool PrepareToWait()
    {
        Volatile.Write(ref *ring.ProducerWaits, 1);

        // Pairs with the fence in RingConsumer.Publish.
        Interlocked.MemoryBarrier();
        RefreshConsumed();
        return _consumed == _consumedWhenFull && !Violated;
    }

    /// <summary>Need not be rung for any more.</summary>
    internal void Awake() => Volatile.Write(ref *ring.ProducerWaits, 0);

    private bool HasRoomFor(uint record)
    {
        // The line behind the record as well: it is zeroed before the record is committed.
        if (IsFree(_position + record))
        {
            return true;
        }

        _consumedWhenFull = _consumed;
        return false;
    }

    private void RefreshConsumed()
    {
        ulong consumed = Volatile.Read(ref *ring.Consumed);
        if (consumed < _consumed || consumed > _position || consumed % RingLayout.LineBytes != 0)
        {
            Violated = true;
            return;
        }

        _consumed = consumed;
    }

    private void Commit(ReadOnlySpan<byte> payload, uint flags)
    {
        byte* record = ring.Data + (_position & (ring.Bytes - 1));
        payload.CopyTo(new Span<byte>(record + RingLayout.RecordHeaderBytes, payload.Length));
        ulong next = _position + RingLayout.RecordBytes(payload.Length);

        // What was zeroed within the record is payload by now.
        if (_zeroedTo <= next)
        {
            *HeaderAt(next) = 0;
            _zeroedTo = next + RingLayout.LineBytes;
        }

        Volatile.Write(ref *(uint*)record, RingLayout.Present | flags | (uint)payload.Length);
        _position = next;
    }

    // The commit word, and the word behind it, which stays zero.
    private ulong* HeaderAt(ulong position) => (ulong*)(ring.Data + (position & (ring.Bytes - 1)));
}
