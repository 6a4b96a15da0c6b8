using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Fuzz.Driver;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace LowLatency.Fuzz.Targets.Framing;

/// <summary>A connection whose whole input is there from the beginning, and arrives in segments of any size. Nothing waits.</summary>
internal sealed class SegmentedConnection : ConnectionContext
{
    private readonly SegmentedReader _reader;
    private readonly CollectingWriter _writer = new();

    /// <param name="segments">What arrives.</param>
    /// <param name="segmentsPerRead">How many segments each read adds.</param>
    internal SegmentedConnection(IEnumerable<byte[]> segments, int segmentsPerRead)
    {
        _reader = new SegmentedReader(segments, segmentsPerRead);
        Transport = new Duplex(_reader, _writer);
    }

    public override string ConnectionId { get; set; } = "fuzzed";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    /// <summary>What each read added.</summary>
    internal IReadOnlyList<byte[]> Reads => _reader.Reads;

    internal byte[] Replies => _writer.Flushed;

    internal long MostUnflushed => _writer.MostUnflushed;

    /// <summary>Both ends were completed, and nothing was written that was not flushed.</summary>
    internal void RequireEnd()
    {
        FuzzException.ThrowUnless(_reader.IsCompleted && _writer.IsCompleted, "A session completes both ends of its pipe.");
        FuzzException.ThrowUnless(_writer.UnflushedBytes == 0, "A session flushes what it has written.");
    }

    public override void Abort(ConnectionAbortedException abortReason) => throw new FuzzException("Nothing here is a reason to abort.");

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>Gives segments read by read, and insists on the rules of a pipe.</summary>
internal sealed class SegmentedReader(IEnumerable<byte[]> segments, int segmentsPerRead) : PipeReader
{
    private readonly Queue<byte[]> _coming = new(segments);
    private readonly List<byte[]> _reads = [];
    private ReadOnlySequence<byte> _buffer;
    private bool _reading;
    private bool _ended;

    internal IReadOnlyList<byte[]> Reads => _reads;

    internal bool IsCompleted { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        FuzzException.ThrowUnless(!_reading && !IsCompleted && !_ended, "A session reads once at a time, and not behind the end.");
        _reading = true;
        var added = new List<byte[]>();
        while (added.Count < segmentsPerRead && _coming.TryDequeue(out byte[]? segment))
        {
            added.Add(segment);
        }

        _ended = _coming.Count == 0 && added.Count == 0;
        if (added.Count > 0)
        {
            _reads.Add([.. added.SelectMany(segment => segment)]);
        }

        _buffer = Segment.Chain([.. Pieces(_buffer), .. added]);
        result = new ReadResult(_buffer, isCanceled: false, isCompleted: _ended);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => TryRead(out ReadResult result) ? ValueTask.FromResult(result) : throw new InvalidOperationException();

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        FuzzException.ThrowUnless(_reading, "A session advances what it has read.");
        FuzzException.ThrowUnless(_buffer.Slice(examined).IsEmpty, "A session that would not look at new bytes only would spin.");
        _reading = false;
        _buffer = _buffer.Slice(consumed);
    }

    public override void CancelPendingRead()
    {
    }

    public override void Complete(Exception? exception = null) => IsCompleted = true;

    private static IEnumerable<byte[]> Pieces(ReadOnlySequence<byte> buffer)
    {
        foreach (ReadOnlyMemory<byte> piece in buffer)
        {
            if (!piece.IsEmpty)
            {
                yield return piece.ToArray();
            }
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private Segment(byte[] bytes, long runningIndex) => (Memory, RunningIndex) = (bytes, runningIndex);

        internal static ReadOnlySequence<byte> Chain(byte[][] pieces)
        {
            if (pieces.Length == 0)
            {
                return default;
            }

            var head = new Segment(pieces[0], 0);
            Segment tail = head;
            foreach (byte[] piece in pieces.Skip(1))
            {
                var next = new Segment(piece, tail.RunningIndex + tail.Memory.Length);
                tail.Next = next;
                tail = next;
            }

            return new ReadOnlySequence<byte>(head, 0, tail, tail.Memory.Length);
        }
    }
}

/// <summary>Keeps what was flushed.</summary>
internal sealed class CollectingWriter : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _flushed;

    internal byte[] Flushed => _bytes.WrittenSpan[.._flushed].ToArray();

    internal long MostUnflushed { get; private set; }

    internal bool IsCompleted { get; private set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _bytes.WrittenCount - _flushed;

    public override void Advance(int bytes)
    {
        _bytes.Advance(bytes);
        MostUnflushed = Math.Max(MostUnflushed, UnflushedBytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _bytes.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _bytes.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        FuzzException.ThrowUnless(!IsCompleted, "A session flushes before it completes.");
        _flushed = _bytes.WrittenCount;
        return ValueTask.FromResult(default(FlushResult));
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null) => IsCompleted = true;
}
