using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>A wire as a stream on which nothing waits: what reads is gone on with by whoever looks whether something has arrived.</summary>
/// <remarks>So TLS, which knows streams only, is spun on by the worker's own thread. One read at a time, and one write.</remarks>
internal sealed class WireStream(IWire wire) : Stream, IValueTaskSource<int>
{
    // Goes on where it is completed.
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _room;
    private volatile bool _isAwaited;

    private byte[] _unsent = [];
    private int _unsentFrom;
    private int _unsentTo;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Whether something that was written has not gone out yet.</summary>
    public bool HasUnsent => _unsentFrom < _unsentTo;

    /// <summary>Receives for the read that waits, and goes on with what waits for it.</summary>
    /// <returns>Whether it did; else nothing waits, or nothing has arrived.</returns>
    public bool TryReceive()
    {
        if (!_isAwaited)
        {
            return false;
        }

        IoResult received = wire.Receive(_room.Span);
        if (received.WouldBlock)
        {
            return false;
        }

        _isAwaited = false;
        if (received.Succeeded)
        {
            _read.SetResult(received.Count);
        }
        else
        {
            _read.SetException(Failure(received.Error));
        }

        return true;
    }

    /// <summary>Sends what was written and has not gone out yet.</summary>
    /// <returns><see cref="Errno.None"/> when all of it has; <see cref="Errno.Again"/> to be tried again; else why it never will.</returns>
    public Errno TrySendRest()
    {
        while (HasUnsent)
        {
            IoResult sent = wire.Send(_unsent.AsSpan(_unsentFrom.._unsentTo));
            if (!sent.Succeeded)
            {
                return sent.Error;
            }

            _unsentFrom += sent.Count;
        }

        _unsentFrom = _unsentTo = 0;
        return Errno.None;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return new ValueTask<int>(0);
        }

        _read.Reset();
        _room = buffer;
        _isAwaited = true;
        return new ValueTask<int>(this, _read.Version);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Sends what fits, and keeps the rest.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (TrySendRest() is var error and not (Errno.None or Errno.Again))
        {
            throw Failure(error);
        }

        while (!HasUnsent && !buffer.IsEmpty)
        {
            IoResult sent = wire.Send(buffer);
            if (sent.WouldBlock)
            {
                break;
            }

            buffer = sent.Succeeded ? buffer[sent.Count..] : throw Failure(sent.Error);
        }

        Keep(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _read.OnCompleted(continuation, state, token, flags);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_unsent.Length - _unsentTo < bytes.Length)
        {
            Array.Resize(ref _unsent, Math.Max(2 * _unsent.Length, _unsentTo + bytes.Length));
        }

        bytes.CopyTo(_unsent.AsSpan(_unsentTo));
        _unsentTo += bytes.Length;
    }

    private static IOException Failure(Errno error) => new(Marshal.GetPInvokeErrorMessage((int)error));
}
