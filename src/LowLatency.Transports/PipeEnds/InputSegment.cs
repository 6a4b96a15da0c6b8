using System.Buffers;

namespace LowLatency.Transports.PipeEnds;

/// <summary>One rented array of received bytes in a chain.</summary>
internal sealed class InputSegment : ReadOnlySequenceSegment<byte>
{
    internal byte[] Array { get; private set; } = [];

    internal int Length => Memory.Length;

    internal int Room => Array.Length - Memory.Length;

    internal InputSegment? NextSegment => (InputSegment?)Next;

    internal long End => RunningIndex + Memory.Length;

    /// <summary>One that keeps its array, which comes from no pool.</summary>
    internal static InputSegment WithOwnArray(int bytes) => new() { Array = new byte[bytes] };

    /// <summary>Begins anew, with bytes that are copied.</summary>
    internal void Refill(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Array);
        Memory = new ReadOnlyMemory<byte>(Array, 0, bytes.Length);
    }

    internal void Unlink() => Next = null;

    internal void Begin(byte[] array, int length, long runningIndex)
    {
        Array = array;
        Memory = new ReadOnlyMemory<byte>(array, 0, length);
        RunningIndex = runningIndex;
        Next = null;
    }

    internal void Extend(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Array.AsSpan(Length));
        Memory = new ReadOnlyMemory<byte>(Array, 0, Length + bytes.Length);
    }

    internal void Link(InputSegment next) => Next = next;

    /// <summary>Ends; the array is the caller's.</summary>
    internal byte[] TakeArray()
    {
        byte[] array = Array;
        Array = [];
        Memory = default;
        Next = null;
        return array;
    }
}
