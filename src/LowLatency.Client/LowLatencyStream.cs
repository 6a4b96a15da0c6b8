using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
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
/// Disposal, by any thread, ends both directions: the peer gets what was written and then the end. A read that still waits for the
/// peer ends with an <see cref="ObjectDisposedException"/>. A write that does is given up, and the peer then sees a reset.
/// </para>
/// </remarks>
public sealed class LowLatencyStream : Stream
{
    // What is under way, in one word: reads are counted by ones, writes by these, and the disposal is a bit above them.
    private const int OneRead = 1;
    private const int OneWrite = 1 << 15;
    private const int Disposed = 1 << 30;

    private readonly ConnectionContext _connection;
    private readonly Stream _input;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users;
    private int _closing;

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
    /// <exception cref="System.Security.Cryptography.CryptographicException">The client's certificate has no private key.</exception>
    /// <exception cref="PlatformNotSupportedException">Shared memory, and this is not Linux.</exception>
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
    /// <exception cref="ObjectDisposedException">The stream was disposed, which ends both directions.</exception>
    public void CompleteWrites()
    {
        // Counted with the reads: it does not wait for the peer, so that a disposal need not break it off.
        Enter(OneRead);
        try
        {
            _connection.Transport.Output.Complete();
        }
        finally
        {
            Leave(OneRead);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        Enter(OneRead);
        try
        {
            return _input.Read(buffer);
        }
        catch (OperationCanceledException) when (IsDisposed)
        {
            throw new ObjectDisposedException(nameof(LowLatencyStream));
        }
        finally
        {
            Leave(OneRead);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Enter(OneRead);
        try
        {
            return await _input.ReadAsync(buffer, cancellationToken);
        }
        catch (OperationCanceledException) when (IsDisposed && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(LowLatencyStream));
        }
        finally
        {
            Leave(OneRead);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Enter(OneWrite);
        try
        {
            PipeWriter output = _connection.Transport.Output;
            output.Write(buffer);
            ValueTask<FlushResult> flush = output.FlushAsync();
            ThrowIfOver(flush.IsCompleted ? flush.Result : flush.AsTask().GetAwaiter().GetResult());
        }
        finally
        {
            Leave(OneWrite);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Enter(OneWrite);
        try
        {
            ThrowIfOver(await _connection.Transport.Output.WriteAsync(buffer, cancellationToken));
        }
        finally
        {
            Leave(OneWrite);
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
        BeginDisposal();
        await _closed.Task;
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            BeginDisposal();
        }

        base.Dispose(disposing);
    }

    private bool IsDisposed => (Volatile.Read(ref _users) & Disposed) != 0;

    private void Enter(int use)
    {
        if ((Interlocked.Add(ref _users, use) & Disposed) != 0)
        {
            Leave(use);
            throw new ObjectDisposedException(nameof(LowLatencyStream));
        }
    }

    // Whoever is the last one out closes: an end of the pipes belongs to one thread at a time, and the disposer is another one than the reader.
    private void Leave(int use)
    {
        if (Interlocked.Add(ref _users, -use) == Disposed)
        {
            _ = CloseAsync();
        }
    }

    private void BeginDisposal()
    {
        int before = Interlocked.Or(ref _users, Disposed);
        if ((before & Disposed) != 0)
        {
            return;
        }

        if (before == 0)
        {
            _ = CloseAsync();
        }
        else if (before >= OneWrite)
        {
            _connection.Abort();
        }
        else
        {
            _connection.Transport.Input.CancelPendingRead();
        }
    }

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0)
        {
            return;
        }

        try
        {
            await _connection.DisposeAsync();
        }
        finally
        {
            _closed.SetResult();
        }
    }

    // A pipe tells a writer of the end by a result; who writes to a stream looks at none.
    private static void ThrowIfOver(FlushResult flushed)
    {
        if (flushed.IsCompleted)
        {
            throw new IOException("The connection has ended: the peer takes nothing any more.");
        }
    }
}
