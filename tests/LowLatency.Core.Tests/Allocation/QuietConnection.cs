using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace LowLatency.Core.Tests.Allocation;

/// <summary>A connection whose pipe ends allocate nothing, so that whatever is allocated is the handler's.</summary>
/// <remarks>Works as a polled transport does: <see cref="Deliver"/> completes the pending read on the caller's thread.</remarks>
internal sealed class QuietConnection(byte[] arrival) : ConnectionContext
{
    private readonly QuietReader _input = new(arrival);
    private readonly QuietWriter _output = new();

    public override string ConnectionId { get; set; } = "quiet";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => new Duplex(_input, _output);
        set => throw new NotSupportedException();
    }

    /// <summary>Reply bytes that were flushed.</summary>
    internal long RepliedBytes => _output.Flushed;

    /// <summary>Lets the bytes arrive once more, and has them answered.</summary>
    internal void Deliver() => _input.Deliver();

    internal void End() => _input.End();

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class QuietReader(byte[] arrival) : PipeReader, IValueTaskSource<ReadResult>
    {
        private ManualResetValueTaskSourceCore<ReadResult> _pending;
        private ReadOnlySequence<byte> _buffer;

        internal void Deliver()
        {
            _buffer = new ReadOnlySequence<byte>(arrival);
            _pending.SetResult(new ReadResult(_buffer, isCanceled: false, isCompleted: false));
        }

        internal void End()
        {
            _buffer = ReadOnlySequence<byte>.Empty;
            _pending.SetResult(new ReadResult(_buffer, isCanceled: false, isCompleted: true));
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            _pending.Reset();
            return new ValueTask<ReadResult>(this, _pending.Version);
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (!_buffer.Slice(consumed).IsEmpty)
            {
                throw new InvalidOperationException("The arrival holds whole messages.");
            }
        }

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

        public override void CancelPendingRead() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }

        ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _pending.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

        void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => _pending.OnCompleted(continuation, state, token, flags);
    }

    private sealed class QuietWriter : PipeWriter
    {
        private readonly byte[] _bytes = new byte[64 * 1024];
        private int _unflushed;

        internal long Flushed { get; private set; }

        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => _unflushed;

        public override void Advance(int bytes) => _unflushed += bytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_unflushed);

        public override Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_unflushed);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushed += _unflushed;
            _unflushed = 0;
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
        }

        public override void CancelPendingFlush() => throw new NotSupportedException();

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
