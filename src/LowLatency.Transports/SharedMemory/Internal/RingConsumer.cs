using LowLatency.Linux;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>The reading end of a ring. One thread at a time.</summary>
/// <remarks>
/// <para>
/// A record is there when its commit word is not zero; the word is read once, with acquire, which pairs with the release in
/// <see cref="RingProducer"/>, and checked. The payload is copied out: nothing is looked at twice that the peer can change.
/// </para>
/// <para>
/// What was consumed is published when a quarter of the ring has gathered, or before sleeping: the producer, whose records
/// take a quarter at most, then always finds room in time, and most messages cost no fence on this side.
/// </para>
/// <para>Sleeping: see <see cref="RingProducer"/>, which holds the other half of the argument.</para>
/// </remarks>
internal sealed unsafe class RingConsumer(RingWords ring)
{
    private readonly int _largestPayload = RingLayout.LargestPayload(ring.Bytes);
    private readonly ulong _publishAfter = ring.Bytes / 4;
    private ulong _position;
    private ulong _published;

    // Of the record at the position, where it was longer than the buffer that took its beginning.
    private int _length;
    private int _taken;
    private bool _recordGoesOn;

    /// <summary>There is a record that was not taken, or a part of one.</summary>
    internal bool HasRecord => _length > 0 || Volatile.Read(ref *CommitWord) != 0;

    /// <summary>What the last take brought is not the end of its message.</summary>
    internal bool MessageGoesOn { get; private set; }

    /// <summary>The peer has written what is no record.</summary>
    internal bool Violated { get; private set; }

    /// <summary>A quarter of the ring was consumed and not published: the caller does, and rings if it must.</summary>
    internal bool OwesPublication => _position - _published >= _publishAfter;

    /// <summary>More was consumed since the last publication than a producer that goes by it can have committed.</summary>
    internal bool HasComeRound => _position - _published >= ring.Bytes;

    private uint* CommitWord => (uint*)(ring.Data + (_position & (ring.Bytes - 1)));

    /// <summary>Takes one record, or what the buffer holds of it.</summary>
    /// <returns>How many bytes; none at the end of the direction; <see cref="Errno.Again"/> when nothing is there.</returns>
    internal IoResult Take(Span<byte> buffer)
    {
        if (_length == 0)
        {
            uint commit = Volatile.Read(ref *CommitWord);
            if (commit == 0)
            {
                return IoResult.Failed(Errno.Again);
            }

            // The record that ends the direction stays where it is.
            if (!Begin(commit))
            {
                return Violated ? IoResult.Failed(Errno.Protocol) : IoResult.Done(0);
            }
        }

        int count = Math.Min(_length - _taken, buffer.Length);
        new ReadOnlySpan<byte>((byte*)CommitWord + RingLayout.RecordHeaderBytes + _taken, count).CopyTo(buffer);
        _taken += count;
        MessageGoesOn = _recordGoesOn || _taken < _length;
        if (_taken == _length)
        {
            _position += RingLayout.RecordBytes(_length);
            _length = _taken = 0;
        }

        return IoResult.Done(count);
    }

    /// <summary>Makes room for the producer.</summary>
    /// <returns>Whether it waits for that, and is to be rung for by the caller.</returns>
    internal bool Publish()
    {
        if (_published == _position)
        {
            return false;
        }

        _published = _position;
        Volatile.Write(ref *ring.Consumed, _position);

        // Pairs with the fence in RingProducer.PrepareToWait.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *ring.ProducerWaits) != 0 && Interlocked.Exchange(ref *ring.ProducerWaits, 0) != 0;
    }

    /// <summary>Has the producer ring for the next record. What is there by then, <see cref="HasRecord"/> shows afterwards.</summary>
    internal void PrepareToSleep()
    {
        Volatile.Write(ref *ring.ConsumerSleeps, 1);

        // Pairs with the fence in RingProducer.MustRing.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Need not be rung for any more.</summary>
    internal void Awake() => Volatile.Write(ref *ring.ConsumerSleeps, 0);

    /// <summary>Reads a commit word. Who ends in the middle of a message has broken it off, and what is there of it is no message.</summary>
    /// <returns>Whether a payload follows.</returns>
    private bool Begin(uint commit)
    {
        int length = (int)(commit & RingLayout.LengthMask);
        bool ends = (commit & RingLayout.End) != 0;
        bool isRecord = (commit & RingLayout.Present) != 0
            && length <= _largestPayload
            && (ends ? length == 0 && (commit & RingLayout.More) == 0 && !_recordGoesOn : length > 0);
        if (!isRecord)
        {
            Violated = true;
            return false;
        }

        _length = length;
        _recordGoesOn = (commit & RingLayout.More) != 0;
        return !ends;
    }
}
