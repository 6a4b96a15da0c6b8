using System.Buffers;
using BenchmarkDotNet.Attributes;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Benchmarks.PipeEnds;

/// <summary>The read end without its socket: what a receive has brought is appended, shown as a sequence, and consumed.</summary>
[MemoryDiagnoser]
public class InputBufferBenchmarks
{
    private const int ReceiveBytes = 16 * 1024;
    private const int MessageBytes = 4;

    private readonly InputBuffer _buffer = new();

    [Benchmark]
    public long AppendAndConsume()
    {
        Append();
        ReadOnlySequence<byte> bytes = _buffer.Sequence;
        _buffer.Advance(bytes.End, bytes.End);
        return bytes.Length;
    }

    [Benchmark]
    public long AppendTwiceAndConsume()
    {
        Append();
        ReadOnlySequence<byte> half = _buffer.Sequence;
        _buffer.Advance(half.Start, half.End);
        Append();
        ReadOnlySequence<byte> whole = _buffer.Sequence;
        _buffer.Advance(whole.End, whole.End);
        return whole.Length;
    }

    // As the loop does: an array that was taken goes back to the pool by its consumption.
    private void Append()
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        if (!_buffer.Append(array, MessageBytes))
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
