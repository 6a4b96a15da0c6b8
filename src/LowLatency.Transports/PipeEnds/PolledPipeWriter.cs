using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.PipeEnds;

/// <summary>The write end of a polled connection: a flush sends at once, on the caller's thread.</summary>
/// <remarks>
/// <para>
/// As long as the channel takes everything, the application's thread is the only one here, and nothing is locked. What the
/// channel does not take is handed to the loop (<see cref="_handedOver"/>), which sends it when there is room and then
/// completes the flush: that is the backpressure. From the hand-over until the loop is done, both sides work under
/// <see cref="_gate"/>; the application may go on writing behind what was flushed.
/// </para>
/// <para>Memory is rented when something is written and given back when it is sent: an idle connection owns little or none.</para>
/// </remarks>
internal sealed class PolledPipeWriter<TChannel> : PipeWriter, IValueTaskSource<FlushResult>, IThreadPoolWorkItem
    where TChannel : struct, IByteChannel
{
    private readonly PolledConnection _connection;
    private readonly PollLoop _loop;
    private readonly TChannel _channel;
    private readonly bool _inline;
    private readonly OutputBuffer<TChannel> _buffer;
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<FlushResult> _pending;
    private CancellationTokenRegistration _cancellation;
    private TaskCompletionSource? _drained;

    // The loop owes the sending of what is committed. Set by the application, cleared by the loop, both under the gate.
    private volatile bool _handedOver;

    // The application has taken memory since its last flush, while the loop was sending. Under the gate.
    private bool _lent;

    // A flush is pending. Whoever clears it, under the gate, completes the flush.
    private bool _awaited;

    private volatile bool _cancelRequested;
    private bool _completed;
    private FlushResult _outcome;
    private Exception? _failure;

    internal PolledPipeWriter(PolledConnection connection, PollLoop loop, TChannel channel, bool inline)
    {
        _connection = connection;
        _loop = loop;
        _channel = channel;
        _inline = inline;
        _buffer = new OutputBuffer<TChannel>(loop, channel, _gate);
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _buffer.Unflushed;

    /// <summary>The peer gets nothing any more: a send failed, or the connection was aborted.</summary>
    internal bool IsBroken => _buffer.IsBroken;

    // ---- The application's half ----

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        return _handedOver ? GetMemoryBehind(sizeHint) : _buffer.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        ThrowIfCompleted();
        return _handedOver ? GetMemoryBehind(sizeHint).Span : _buffer.GetSpan(sizeHint);
    }

    public override void Advance(int bytes) => _buffer.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if (_handedOver)
        {
            return FlushBehind(cancellationToken);
        }

        _buffer.Commit();
        if (!SendCommitted())
        {
            return HandOver(cancellationToken);
        }

        _buffer.Release();
        return ValueTask.FromResult(new FlushResult(_cancelRequested && TakeCancellation(), isCompleted: IsBroken));
    }

    public override void CancelPendingFlush()
    {
        lock (_gate)
        {
            if (!_awaited)
            {
                _cancelRequested = true;
                return;
            }

            _awaited = false;
        }

        _outcome = new FlushResult(isCanceled: true, isCompleted: IsBroken);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        if (exception is not null)
        {
            _connection.Abort(new ConnectionAbortedException("The application gave up its output.", exception));
        }

        if (CompleteAndSend())
        {
            _buffer.Release(forGood: true);
            _connection.OutputEnded();
        }
    }

    /// <summary>Completes when the channel has taken everything, or never will. After <see cref="Complete"/>.</summary>
    internal ValueTask DrainAsync()
    {
        if (!_handedOver)
        {
            return default;
        }

        lock (_gate)
        {
            if (!_handedOver)
            {
                return default;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_drained.Task);
        }
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }

    /// <summary>Lends memory behind what the loop sends, and has the loop leave it to the application.</summary>
    private Memory<byte> GetMemoryBehind(int sizeHint)
    {
        lock (_gate)
        {
            _lent = true;
            return _buffer.GetMemory(sizeHint);
        }
    }

    private bool CompleteAndSend()
    {
        lock (_gate)
        {
            // Together: the loop ends the output when it finds this, and must not before the last bytes are committed.
            _completed = true;
            _buffer.Commit();
            if (_handedOver)
            {
                return false;
            }

            if (SendCommitted())
            {
                return true;
            }

            _handedOver = true;
            AskForRoom();
            return false;
        }
    }

    private ValueTask<FlushResult> FlushBehind(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _buffer.Commit();
            _lent = false;
            if (_handedOver)
            {
                return Await(cancellationToken);
            }
        }

        // The loop has finished meanwhile.
        return FlushAsync(cancellationToken);
    }

    private ValueTask<FlushResult> HandOver(CancellationToken cancellationToken)
    {
        // It may never read: the application waits for the peer, and needs no CPU that the loop would have to leave to it.
        _connection.Started();
        lock (_gate)
        {
            _lent = false;
            _handedOver = true;
            AskForRoom();

            // Behind the end of the loop its turn is run where it is asked for, and has been.
            return _handedOver
                ? Await(cancellationToken)
                : ValueTask.FromResult(new FlushResult(TakeCancellation(), isCompleted: IsBroken));
        }
    }

    /// <summary>Begins a pending flush. Under the gate.</summary>
    private ValueTask<FlushResult> Await(CancellationToken cancellationToken)
    {
        if (_awaited)
        {
            throw new InvalidOperationException("A flush is in progress already.");
        }

        if (TakeCancellation())
        {
            return ValueTask.FromResult(new FlushResult(isCanceled: true, isCompleted: IsBroken));
        }

        _pending.Reset();
        _awaited = true;
        _cancellation = cancellationToken.CanBeCanceled
            ? cancellationToken.UnsafeRegister(static (writer, token) => ((PolledPipeWriter<TChannel>)writer!).CancelByToken(token), this)
            : default;
        return new ValueTask<FlushResult>(this, _pending.Version);
    }

    private bool TakeCancellation()
    {
        lock (_gate)
        {
            bool requested = _cancelRequested;
            _cancelRequested = false;
            return requested;
        }
    }

    /// <summary>Under the gate, as is the opposite: in the order in which the hand-overs are made and done.</summary>
    private void AskForRoom()
    {
        _connection.WatchWritable(true);

        // Pairs with Break, which sets the one and then reads the other: one of the two sees both.
        Interlocked.MemoryBarrier();
        if (IsBroken)
        {
            PostTurn();
        }
    }

    private void CancelByToken(CancellationToken token)
    {
        if (TryTakeFlush())
        {
            _failure = new OperationCanceledException(token);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // ---- The loop's half ----

    /// <summary>There may be room: goes on sending, and completes the flush that waits for it. On the loop.</summary>
    internal void OnWritable()
    {
        bool completeFlush;
        bool completed;
        lock (_gate)
        {
            if (!_handedOver)
            {
                return;
            }

            if (!SendCommitted())
            {
                // Asked for anew: a kernel that is short of memory refuses although there is room, and then no edge follows.
                _connection.WatchWritable(true);
                return;
            }

            // No later flush may come, and the connection would keep what it no longer needs. What was lent goes with the next flush.
            if (!_lent)
            {
                _buffer.Release();
            }

            // Behind that: whoever finds it false writes to the buffer without the gate.
            _handedOver = false;
            completeFlush = _awaited;
            _awaited = false;
            completed = _completed;
            _connection.WatchWritable(false);
        }

        if (completed)
        {
            _connection.OutputEnded();
        }

        _drained?.TrySetResult();
        if (!completeFlush)
        {
            return;
        }

        _outcome = new FlushResult(isCanceled: false, isCompleted: IsBroken);
        if (_inline)
        {
            FinishFlush();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>The connection was aborted: what is not sent never will be. Any thread.</summary>
    internal void Break()
    {
        _buffer.Break();

        // Pairs with AskForRoom.
        Interlocked.MemoryBarrier();
        if (_handedOver)
        {
            PostTurn();
        }
    }

    /// <summary>Nothing of the application runs any more, and the socket is closed.</summary>
    internal void Release()
    {
        _buffer.Break();
        lock (_gate)
        {
            _buffer.Send();
            _buffer.Release(forGood: true);
        }
    }

    private void PostTurn() => _loop.Post(static writer => ((PolledPipeWriter<TChannel>)writer!).OnWritable(), this);

    // ---- Both: by the application while nothing is handed over, else under the gate ----

    /// <summary>Sends what is committed, as far as the channel takes it.</summary>
    /// <returns>Whether all of it has gone, or never will.</returns>
    private bool SendCommitted()
    {
        bool all = _buffer.Send();
        _channel.Flushed();
        return all;
    }

    private bool TryTakeFlush()
    {
        lock (_gate)
        {
            bool taken = _awaited;
            _awaited = false;
            return taken;
        }
    }

    void IThreadPoolWorkItem.Execute() => FinishFlush();

    private void FinishFlush()
    {
        _cancellation.Dispose();
        _cancellation = default;
        if (Interlocked.Exchange(ref _failure, null) is Exception failure)
        {
            _pending.SetException(failure);
        }
        else
        {
            _pending.SetResult(_outcome);
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _pending.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _pending.OnCompleted(continuation, state, token, flags);
}
