using System.Buffers;

namespace LowLatency.Transports.PipeEnds;

/// <summary>One rented array of bytes to be sent, in a chain.</summary>
internal sealed class OutputBlock
{
    internal byte[] Array = [];

    /// <summary>Up to here it was sent.</summary>
    internal int Sent;

    /// <summary>Up to here it may be sent.</summary>
    internal int Committed;

    internal OutputBlock? Next;

    internal bool IsSent => Sent == Committed;

    internal void Begin(byte[] array)
    {
        Array = array;
        Sent = Committed = 0;
        Next = null;
    }

    internal void GiveBack()
    {
        ArrayPool<byte>.Shared.Return(Array);
        Array = [];
    }

    internal byte[] TakeArray()
    {
        byte[] array = Array;
        Array = [];
        return array;
    }
}
