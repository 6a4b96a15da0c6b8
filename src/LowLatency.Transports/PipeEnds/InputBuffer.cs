using System.Buffers;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.PipeEnds;

/// <summary>What was received and not yet consumed. Not synchronised: it belongs to whoever holds the read side.</summary>
/// <remarks>
/// It holds no memory while it is empty, but for the little that it may keep. Arrays are lent to it by the receive that filled them and go back, to the loop or
/// the pool, when their bytes are consumed; a few bytes behind unconsumed ones are copied to the room there, so that a peer that sends byte
/// by byte holds one array, not one for each byte.
/// </remarks>
/// <param name="loop">Lends the segments on its own thread; <c>null</c> for none.</param>
/// <param name="keepsSmall">
/// Keeps a little memory of its own, and copies what fits there: quicker than lending, where messages come by the hundred
/// nanoseconds.
/// </param>
internal sealed class InputBuffer(PollLoop? loop = null, bool keepsSmall = false)
{
    private const int KeptBytes = 1024;

    private InputSegment? _kept;
    private InputSegment? _head;
    private InputSegment? _tail;

    private int _consumedInHead;

    // Where the held bytes begin: behind so many of a segment, or with the buffer.
    private InputSegment? _heldIn;
    private int _heldBehind;

    /// <summary>There are bytes that the reader has not examined.</summary>
    internal bool HasUnexamined { get; private set; }

    internal ReadOnlySequence<byte> Sequence
        => _head is null ? default : new ReadOnlySequence<byte>(_head, _consumedInHead, _tail!, _tail!.Length);

    /// <summary>The bytes in front of those that are held.</summary>
    internal ReadOnlySequence<byte> BeforeHeld
        => _heldIn is null ? default : new ReadOnlySequence<byte>(_head!, _consumedInHead, _heldIn, _heldBehind);

    /// <summary>What is added from now on is held, until this is said anew.</summary>
    internal void HoldFromHere()
    {
        _heldIn = _tail;
        _heldBehind = _tail?.Length ?? 0;
    }

    /// <summary>Adds received bytes.</summary>
    /// <param name="array">A rented array with the bytes at its front.</param>
    /// <param name="length">How many.</param>
    /// <returns>Whether the array was taken; otherwise the bytes were copied and it still belongs to the caller.</returns>
    internal bool Append(byte[] array, int length)
    {
        HasUnexamined = true;
        if (_tail is null)
        {
            _consumedInHead = 0;
            if (keepsSmall && length <= KeptBytes)
            {
                _head = _tail = _kept ??= InputSegment.WithOwnArray(KeptBytes);
                _kept.Refill(array.AsSpan(0, length));
                return false;
            }

            InputSegment segment = TakeSegment();
            segment.Begin(array, length, runningIndex: 0);
            _head = _tail = segment;
            return true;
        }

        if (_tail.Room >= length)
        {
            _tail.Extend(array.AsSpan(0, length));
            return false;
        }

        InputSegment next = TakeSegment();
        next.Begin(array, length, _tail.End);
        _tail.Link(next);
        _tail = next;
        return true;
    }

    internal void Advance(SequencePosition consumed, SequencePosition examined)
    {
        // A position without an object is of a read that brought nothing, also where bytes are held.
        if (_head is null || consumed.GetObject() is null)
        {
            return;
        }

        (InputSegment consumedIn, int consumedTo) = Locate(consumed);
        (InputSegment examinedIn, int examinedTo) = Locate(examined);
        long consumedAt = consumedIn.RunningIndex + consumedTo;
        long examinedAt = examinedIn.RunningIndex + examinedTo;
        if (consumedAt < _head.RunningIndex + _consumedInHead || consumedTo > consumedIn.Length || examinedTo > examinedIn.Length)
        {
            throw new InvalidOperationException("The position does not lie within the buffer that was read.");
        }

        if (examinedAt < consumedAt)
        {
            throw new InvalidOperationException("What is consumed must have been examined as well.");
        }

        HasUnexamined = examinedAt < _tail!.End;
        while (_head is not null && _head != consumedIn)
        {
            RemoveHead();
        }

        _consumedInHead = consumedTo;
        if (consumedTo == _head?.Length)
        {
            RemoveHead();
        }
    }

    /// <summary>Gives all memory back.</summary>
    internal void Clear()
    {
        while (_head is not null)
        {
            RemoveHead();
        }

        HasUnexamined = false;
    }

    private static (InputSegment Segment, int Index) Locate(SequencePosition position)
        => (position.GetObject() as InputSegment ?? throw new InvalidOperationException("The position does not lie within the buffer that was read."), position.GetInteger());

    private InputSegment TakeSegment() => loop is { IsCurrentThread: true } ? loop.Spares.TakeSegment() : new InputSegment();

    private void RemoveHead()
    {
        InputSegment head = _head!;
        if (head == _heldIn)
        {
            _heldIn = null;
        }

        _head = head.NextSegment;
        _consumedInHead = 0;
        if (_head is null)
        {
            _tail = null;
        }

        if (head == _kept)
        {
            head.Unlink();
            return;
        }

        if (loop is { IsCurrentThread: true })
        {
            loop.Spares.Keep(head);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(head.TakeArray());
        }
    }
}
