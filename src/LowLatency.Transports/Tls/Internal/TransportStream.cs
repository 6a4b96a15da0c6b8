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
    // Whoever sends without end does not keep a connection that is to end; nor does it keep the loop until then.
    private const int MostLastReads = 1024;
    private const int LastReadsAtOnce = 16;

    private readonly IDuplexPipe _transport;
    private readonly IReadContinuation? _continuation;
    private readonly bool _livesOnLoop;
    private bool _inHandshake = true;
    private volatile bool _endsBehindArrived;
    private int? _lastReads;
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

    /// <summary>Has the stream end behind what has arrived by now. Any thread.</summary>
    internal void EndBehindWhatHasArrived()
    {
        _endsBehindArrived = true;
        _transport.Input.CancelPendingRead();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver)
        {
            ReadResult read;
            if (_lastReads is null)
            {
                // Asked with no room, it waits for something to be there.
                read = await _transport.Input.ReadAsync(cancellationToken);
            }
            else if (!await MayReadOnAsync() || !_transport.Input.TryRead(out read))
            {
                _isOver = true;
                break;
            }

            if (_inHandshake && _continuation is null)
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            if (read.IsCanceled)
            {
                // Not by the token, which throws: somebody ends the receiving, whatever came with it, unless that was asked for. It stays
                // the end, for SslStream asks with no room first, looks at nothing that this returns, and asks again.
                _isOver = !_endsBehindArrived;
                _lastReads ??= 0;
                if (_isOver || read.Buffer.IsEmpty)
                {
                    _transport.Input.AdvanceTo(read.Buffer.Start);
                    continue;
                }
            }

            return Take(read, buffer.Span);
        }

        return 0;
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

    private int Take(in ReadResult read, Span<byte> room)
    {
        ReadOnlySequence<byte> taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, room.Length));
        taken.CopyTo(room);
        int count = (int)taken.Length;
        _transport.Input.AdvanceTo(taken.End);
        return count;
    }

    private async ValueTask<bool> MayReadOnAsync()
    {
        if (++_lastReads % LastReadsAtOnce == 0)
        {
            await Task.Yield();
        }

        return _lastReads < MostLastReads;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // Some systems' TLS sends the alert by which it refuses a certificate this way: a few bytes, on a thread of the pool.
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
