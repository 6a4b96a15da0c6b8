using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Client.Connecting;
using LowLatency.Transports;
using LowLatency.Transports.Tls;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Client;

/// <summary>A connection over any of the transports as a duplex stream, for whatever speaks over streams: HTTP, TLS, a protocol of your own.</summary>
/// <remarks>
/// <para>
/// Every write goes out at once, and a read waits for a poll loop to receive: <c>SocketsHttpHandler.ConnectCallback</c> can return
/// one. One thread may read while another writes.
/// </para>
/// <para>
/// Disposal ends both directions: the peer gets what was written and then the end. A write that still waits for the peer is
/// given up, and the peer then sees a reset.
/// </para>
/// </remarks>
public sealed class LowLatencyStream : Stream
{
    private readonly ConnectionContext _connection;
    private readonly Stream _input;
    private int _writes;
    private int _disposed;

    private LowLatencyStream(ConnectionContext connection)
    {
        _connection = connection;
        _input = connection.Transport.Input.AsStream();
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Connects to an endpoint.</summary>
    /// <param name="url">For example <c>tcp://127.0.0.1:8080</c>, <c>tls://127.0.0.1:8443</c>, <c>unix:///tmp/lowlatency/unix.sock</c> or <c>shm:///tmp/lowlatency/shm.sock</c>.</param>
    /// <param name="connections">Connects, and owns the threads that receive. Default: <see cref="LowLatencyConnectionFactory.Shared"/>.</param>
    /// <param name="tls">Whom to trust and what to show where the URL is <c>tls://</c>; not allowed with another. Default: the defaults of the type.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">It is no endpoint URL, or one of clear text with options for TLS.</exception>
    /// <exception cref="LowLatencyClientException">The connect failed, or the handshake of TLS.</exception>
    public static ValueTask<LowLatencyStream> ConnectAsync(
        string url, IConnectionFactory? connections = null, ClientTlsOptions? tls = null, CancellationToken cancellationToken = default)
        => ConnectAsync(Target.Parse(url), connections, tls, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, IConnectionFactory?, ClientTlsOptions?, CancellationToken)"/>
    public static async ValueTask<LowLatencyStream> ConnectAsync(
        EndpointUrl url, IConnectionFactory? connections = null, ClientTlsOptions? tls = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        return new LowLatencyStream(await new Target(url, connections, tls).ConnectAsync(Timeout.InfiniteTimeSpan, cancellationToken));
    }

    /// <summary>Ends the sending direction: the peer reads the end behind what was written. Reading goes on.</summary>
    public void CompleteWrites() => _connection.Transport.Output.Complete();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        ThrowIfDisposed();
        return _input.Read(buffer);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _input.ReadAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowIfDisposed();
        Interlocked.Increment(ref _writes);
        try
        {
            PipeWriter output = _connection.Transport.Output;
            output.Write(buffer);
            ValueTask<FlushResult> flush = output.FlushAsync();
            ThrowIfOver(flush.IsCompleted ? flush.Result : flush.AsTask().GetAwaiter().GetResult());
        }
        finally
        {
            Interlocked.Decrement(ref _writes);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        Interlocked.Increment(ref _writes);
        try
        {
            ThrowIfOver(await _connection.Transport.Output.WriteAsync(buffer, cancellationToken));
        }
        finally
        {
            Interlocked.Decrement(ref _writes);
        }
    }

    /// <summary>Does nothing: every write has gone out.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc cref="Flush"/>
    public override Task FlushAsync(CancellationToken cancellationToken)
        => cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ = CloseAsync().AsTask();
        }

        base.Dispose(disposing);
    }

    private ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return default;
        }

        if (Volatile.Read(ref _writes) > 0)
        {
            _connection.Abort();
        }

        return _connection.DisposeAsync();
    }

    // A pipe tells a writer of the end by a result; who writes to a stream looks at none.
    private static void ThrowIfOver(FlushResult flushed)
    {
        if (flushed.IsCompleted)
        {
            throw new IOException("The connection has ended: the peer takes nothing any more.");
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}
