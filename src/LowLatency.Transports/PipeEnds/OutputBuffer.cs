using System.Buffers;
using LowLatency.Linux;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.PipeEnds;

/// <summary>What was written and not yet sent: a chain of rented arrays. Synchronised by the writer that owns it.</summary>
/// <remarks>
/// As long as nothing is handed over, one thread at a time is here. From then on the loop sends the front of the chain under
/// the gate, while the application writes to the end of it: what it writes is sent only once it is committed, and a new array is
/// linked under the gate.
/// </remarks>
/// <param name="loop">Lends an array on its own thread.</param>
/// <param name="channel">Where it goes.</param>
/// <param name="gate">The writer's.</param>
internal sealed class OutputBuffer<TChannel>(PollLoop loop, TChannel channel, Lock gate)
    where TChannel : struct, IByteChannel
{
    private const int BlockBytes = 16 * 1024;

    // Kept between messages where those come by the hundred nanoseconds.
    private const int KeptBytes = 2 * 1024;

    // Of threads that are no loop's.
    [ThreadStatic]
    private static OutputBlock? _spare;

    private OutputBlock? _head;
    private OutputBlock? _tail;
    private int _written;
    private volatile bool _broken;

    /// <summary>Bytes that were written and not committed.</summary>
    internal long Unflushed { get; private set; }

    /// <summary>The peer gets nothing any more: whatever is written is as good as sent.</summary>
    internal bool IsBroken => _broken;

    // ---- The application's half ----

    internal Memory<byte> GetMemory(int sizeHint) => TailWithRoom(sizeHint).Array.AsMemory(_written);

    internal Span<byte> GetSpan(int sizeHint) => TailWithRoom(sizeHint).Array.AsSpan(_written);

    internal void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes == 0)
        {
            // Allowed also by who has taken no memory, while the loop gives the last of it back.
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_tail?.Array.Length ?? 0) - _written);
        _written += bytes;
        Unflushed += bytes;
    }

    /// <summary>What was written may be sent.</summary>
    internal void Commit()
    {
        Unflushed = 0;
        if (_tail is not null)
        {
            _tail.Committed = _written;
        }
    }

    /// <summary>Gives the memory back. Only when everything was sent: then nobody else holds it.</summary>
    /// <param name="forGood">Nothing is written any more; otherwise a little may be kept for the next message.</param>
    internal void Release(bool forGood = false)
    {
        if (_tail is not OutputBlock tail)
        {
            return;
        }

        _written = 0;
        if (TChannel.ReceiveIsCheap && !forGood && tail.Array.Length <= KeptBytes)
        {
            tail.Sent = tail.Committed = 0;
            return;
        }

        _head = _tail = null;
        if (loop.IsCurrentThread)
        {
            loop.Spares.Keep(tail, mostBytes: 2 * BlockBytes);
        }
        else
        {
            tail.GiveBack();
            _spare = tail;
        }
    }

    private OutputBlock TailWithRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = Math.Max(sizeHint, 1);
        OutputBlock? tail = _tail;
        return tail is not null && tail.Array.Length - _written >= wanted ? tail : AddBlock(wanted);
    }

    private OutputBlock AddBlock(int wanted)
    {
        OutputBlock block = TakeBlock(TChannel.ReceiveIsCheap && wanted <= KeptBytes ? KeptBytes : Math.Max(wanted, BlockBytes));
        if (_tail is null)
        {
            // Nothing is handed over: the loop has no business here.
            _head = _tail = block;
        }
        else
        {
            lock (gate)
            {
                // What was written is final, and may be sent before it is flushed.
                _tail.Committed = _written;
                _tail.Next = block;
                _tail = block;
            }
        }

        _written = 0;
        return block;
    }

    private OutputBlock TakeBlock(int bytes)
    {
        if (loop.IsCurrentThread)
        {
            return loop.Spares.TakeBlock(bytes);
        }

        OutputBlock block = _spare ?? new OutputBlock();
        _spare = null;
        block.Begin(ArrayPool<byte>.Shared.Rent(bytes));
        return block;
    }

    // ---- Whoever sends ----

    // An empty block may stand between, whose room was too small for what followed.
    private static bool GoesOn(OutputBlock block)
    {
        OutputBlock? next = block.Next;
        while (next is { Committed: 0 })
        {
            next = next.Next;
        }

        return next is not null;
    }

    /// <summary>Nothing is sent any more. Any thread.</summary>
    internal void Break() => _broken = true;

    /// <summary>Sends what is committed, as far as the channel takes it.</summary>
    /// <returns>Whether all of it has gone, or never will.</returns>
    internal bool Send()
    {
        while (_head is OutputBlock block)
        {
            while (block.Sent < block.Committed && !_broken)
            {
                IoResult sent = channel.Send(
                    block.Array.AsSpan(block.Sent, block.Committed - block.Sent), messageGoesOn: TChannel.KeepsMessages && GoesOn(block));
                if (sent.Succeeded)
                {
                    block.Sent += sent.Count;
                }
                else if (sent.WouldBlock)
                {
                    return false;
                }
                else
                {
                    _broken = true;
                }
            }

            if (_broken)
            {
                block.Sent = block.Committed;
            }

            // The last block stays: the application may be writing to it.
            if (block.Next is null)
            {
                return true;
            }

            _head = block.Next;
            block.GiveBack();
        }

        return true;
    }
}
