using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.PipeEnds;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>The encrypted side of a connection as a stream, which is what <see cref="System.Net.Security.SslStream"/> works on.</summary>
/// <remarks>
/// The pipes stay the connection's: disposing of the stream completes nothing. Until the handshake is over, what was read goes on
/// on the thread pool: it is computed for about a millisecond, for which a poll loop's other connections would wait.
/// </remarks>
internal sealed class TransportStream : Stream
{
    private readonly IDuplexPipe _transport;
    private readonly IReadContinuation? _continuation;
    private readonly bool _livesOnLoop;
    private bool _inHandshake = true;
    private bool _isOver;

    internal TransportStream(ConnectionContext encrypted)
    {
        _transport = encrypted.Transport;
        _continuation = encrypted.Features.Get<IReadContinuation>();
        if (_continuation is not null)
        {
            _livesOnLoop = _continuation.OnLoop;
            _continuation.OnLoop = false;
        }
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>From here on, what was read goes on where it was found.</summary>
    internal void HandshakeIsOver()
    {
        _inHandshake = false;
        if (_continuation is not null)
        {
            _continuation.OnLoop = _livesOnLoop;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isOver)
        {
            return 0;
        }

        // Asked with no room, it waits for something to be there.
        ReadResult read = await _transport.Input.ReadAsync(cancellationToken);
        if (_inHandshake && _continuation is null)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        if (read.IsCanceled)
        {
            // Not by the token, which throws: somebody ends the receiving, whatever came with it. It stays the end, for SslStream asks
            // with no room first, looks at nothing that this returns, and asks again.
            _isOver = true;
            _transport.Input.AdvanceTo(read.Buffer.Start);
            return 0;
        }

        ReadOnlySequence<byte> taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
        taken.CopyTo(buffer.Span);
        int count = (int)taken.Length;
        _transport.Input.AdvanceTo(taken.End);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        FlushResult flushed = await _transport.Output.WriteAsync(buffer, cancellationToken);
        if (flushed.IsCompleted)
        {
            throw new ConnectionResetException("The peer takes no more.");
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
