using System.Buffers;

namespace LowLatency;

/// <summary>Gathers one reply whose frame depends on its length or its last byte.</summary>
/// <remarks>A responder runs to its end on one thread, so one buffer a thread serves every connection.</remarks>
internal sealed class ReplyBuffer : IBufferWriter<byte>
{
    private const int InitialBytes = 4 * 1024;

    // A reply beyond this is served, but its buffer is not kept.
    private const int KeptBytes = 1024 * 1024;

    [ThreadStatic]
    private static ReplyBuffer? _forThisThread;

    private byte[] _bytes = new byte[InitialBytes];
    private int _length;

    /// <summary>What was written since <see cref="ForThisThread"/>.</summary>
    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The calling thread's buffer, emptied.</summary>
    internal static ReplyBuffer ForThisThread()
    {
        ReplyBuffer buffer = _forThisThread ??= new ReplyBuffer();
        buffer._length = 0;
        if (buffer._bytes.Length > KeptBytes)
        {
            buffer._bytes = new byte[InitialBytes];
        }

        return buffer;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void EnsureRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = Math.Max(sizeHint, 1);
        if (_bytes.Length - _length < wanted)
        {
            Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max((long)_length + wanted, _bytes.Length * 2L))));
        }
    }
}
