using System.Buffers;

namespace LowLatency.Transports.PipeEnds;

/// <summary>What one connection of a loop leaves to the next: a segment with its array, and a block with its.</summary>
/// <remarks>
/// One of each stays in the cache, where one for every connection would not, and the way to the pool and back is saved. Of the
/// loop's thread alone.
/// </remarks>
/// <param name="receiveBytes">How much a receive takes at most.</param>
internal sealed class LoopSpares(int receiveBytes)
{
    private byte[]? _receiveArray;
    private InputSegment? _segment;
    private byte[]? _sendArray;
    private OutputBlock? _block;

    /// <summary>Where the next receive goes.</summary>
    internal byte[] ReceiveArray => _receiveArray ??= ArrayPool<byte>.Shared.Rent(receiveBytes);

    /// <summary>The receive array has gone to somebody else, who gives it back.</summary>
    internal void LendReceiveArray() => _receiveArray = null;

    /// <summary>A segment without an array.</summary>
    internal InputSegment TakeSegment()
    {
        InputSegment segment = _segment ?? new InputSegment();
        _segment = null;
        return segment;
    }

    /// <summary>Keeps a segment that nobody reads any more, and its array.</summary>
    internal void Keep(InputSegment segment)
    {
        byte[] array = segment.TakeArray();
        _segment = segment;
        if (_receiveArray is null && array.Length >= receiveBytes)
        {
            _receiveArray = array;
        }
        else
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    /// <summary>A block to write to, with room for so much.</summary>
    internal OutputBlock TakeBlock(int bytes)
    {
        OutputBlock block = _block ?? new OutputBlock();
        _block = null;
        byte[] array = _sendArray is { } kept && kept.Length >= bytes ? kept : ArrayPool<byte>.Shared.Rent(bytes);
        if (array == _sendArray)
        {
            _sendArray = null;
        }

        block.Begin(array);
        return block;
    }

    /// <summary>Keeps a block that was sent, and its array unless that is a large one.</summary>
    /// <param name="block">The block.</param>
    /// <param name="mostBytes">A larger array is given back.</param>
    internal void Keep(OutputBlock block, int mostBytes)
    {
        byte[] array = block.TakeArray();
        _block = block;
        if (array.Length <= mostBytes && array.Length > (_sendArray?.Length ?? 0))
        {
            (array, _sendArray) = (_sendArray!, array);
        }

        if (array is not null)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
