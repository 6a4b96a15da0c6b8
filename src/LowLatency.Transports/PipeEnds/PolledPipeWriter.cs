using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using LowLatency.Linux;
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
/// <para>Memory is rented when something is written and given back when it is sent: an idle connection owns none.</para>
/// </remarks>
internal sealed class PolledPipeWriter<TChannel>(PolledConnection connection, PollLoop loop, TChannel channel, bool inline)
    : PipeWriter, IValueTaskSource<FlushResult>, IThreadPoolWorkItem
    where TChannel : struct, IByteChannel
{
    private const int BlockBytes = 16 * 1024;

    // Kept between messages where those come by the hundred nanoseconds.
    private const int KeptBytes = 2 * 1024;

    // One for all connections of a thread: it stays in the cache where one for each would not.
    [ThreadStatic]
    private static OutputBlock? _spare;

    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<FlushResult> _pending;
    private CancellationTokenRegistration _cancellation;
    private TaskCompletionSource? _drained;
    private OutputBlock? _head;
    private OutputBlock? _tail;
    private long _unflushed;
    private int _written;

    // The loop owes the sending of what is committed. Set by the application, cleared by the loop, both under the gate.
    private volatile bool _handedOver;

    // A flush is pending. Whoever clears it, under the gate, completes the flush.
    private bool _awaited;

    private volatile bool _cancelRequested;
    private volatile bool _broken;
    private bool _completed;
    private FlushResult _outcome;
    private Exception? _failure;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    /// <summary>The peer gets nothing any more: a send failed, or the connection was aborted.</summary>
    internal bool IsBroken => _broken;

    // ---- The application's half ----

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        OutputBlock tail = TailWithRoom(sizeHint);
        return tail.Array.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        OutputBlock tail = TailWithRoom(sizeHint);
        return tail.Array.AsSpan(_written);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_tail?.Array.Length ?? 0) - _written);
        _written += bytes;
        _unflushed += bytes;
    }

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

        Commit();
        if (!SendCommitted())
        {
            return HandOver(cancellationToken);
        }

        ReleaseTail();
        return ValueTask.FromResult(new FlushResult(_cancelRequested && TakeCancellation(), isCompleted: _broken));
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

        _outcome = new FlushResult(isCanceled: true, isCompleted: _broken);
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
            connection.Abort(new ConnectionAbortedException("The application gave up its output.", exception));
        }

        if (CompleteAndSend())
        {
            ReleaseTail(forGood: true);
            connection.OutputEnded();
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

    private OutputBlock TailWithRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }

        int wanted = Math.Max(sizeHint, 1);
        OutputBlock? tail = _tail;
        return tail is not null && tail.Array.Length - _written >= wanted ? tail : AddBlock(wanted);
    }

    private OutputBlock AddBlock(int wanted)
    {
        OutputBlock block = _spare ?? new OutputBlock();
        _spare = null;
        block.Begin(TakeArray(wanted));
        if (_tail is null)
        {
            // Nothing is handed over: the loop has no business here.
            _head = _tail = block;
        }
        else
        {
            lock (_gate)
            {
                // What was written is final, and may be sent before it is flushed.
                _tail.Committed = _written;
                _tail.Next = block;
                _tail = block;
            }
        }

        _written = 0;
        return block;
    }

    private void Commit()
    {
        _unflushed = 0;
        if (_tail is not null)
        {
            _tail.Committed = _written;
        }
    }

    // Only when everything was sent: then nobody else holds the block.
    private void ReleaseTail(bool forGood = false)
    {
        if (_tail is OutputBlock tail)
        {
            if (TChannel.ReceiveIsCheap && !forGood && tail.Array.Length <= KeptBytes)
            {
                tail.Sent = tail.Committed = 0;
                _written = 0;
                return;
            }

            _head = _tail = null;
            _written = 0;
            byte[] array = tail.TakeArray();
            _spare = tail;
            if (array.Length > 2 * BlockBytes || !loop.IsCurrentThread || !loop.KeepSendArray(array))
            {
                ArrayPool<byte>.Shared.Return(array);
            }
        }
    }

    private byte[] TakeArray(int wanted) => TChannel.ReceiveIsCheap && wanted <= KeptBytes
        ? ArrayPool<byte>.Shared.Rent(KeptBytes)
        : wanted <= BlockBytes && loop.IsCurrentThread && loop.TakeSendArray() is byte[] array
            ? array
            : ArrayPool<byte>.Shared.Rent(Math.Max(wanted, BlockBytes));

    private bool CompleteAndSend()
    {
        lock (_gate)
        {
            // Together: the loop ends the output when it finds this, and must not before the last bytes are committed.
            _completed = true;
            Commit();
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
            Commit();
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
        lock (_gate)
        {
            _handedOver = true;
            AskForRoom();
            return Await(cancellationToken);
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
            return ValueTask.FromResult(new FlushResult(isCanceled: true, isCompleted: _broken));
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
        connection.WatchWritable(true);

        // Pairs with Break, which sets the one and then reads the other: one of the two sees both.
        Interlocked.MemoryBarrier();
        if (_broken)
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
            if (!_handedOver || !SendCommitted())
            {
                return;
            }

            _handedOver = false;
            completeFlush = _awaited;
            _awaited = false;
            completed = _completed;
            connection.WatchWritable(false);
        }

        if (completed)
        {
            connection.OutputEnded();
        }

        _drained?.TrySetResult();
        if (!completeFlush)
        {
            return;
        }

        _outcome = new FlushResult(isCanceled: false, isCompleted: _broken);
        if (inline)
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
        _broken = true;

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
        _broken = true;
        lock (_gate)
        {
            SendBlocks();
            ReleaseTail(forGood: true);
        }
    }

    private void PostTurn() => loop.Post(static writer => ((PolledPipeWriter<TChannel>)writer!).OnWritable(), this);

    // ---- Both: by the application while nothing is handed over, else under the gate ----

    /// <summary>Sends what is committed, as far as the channel takes it.</summary>
    /// <returns>Whether all of it has gone, or never will.</returns>
    private bool SendCommitted()
    {
        bool all = SendBlocks();
        channel.Flushed();
        return all;
    }

    private bool SendBlocks()
    {
        while (_head is OutputBlock block)
        {
            while (block.Sent < block.Committed && !_broken)
            {
                IoResult sent = channel.Send(
                    block.Array.AsSpan(block.Sent, block.Committed - block.Sent), messageGoesOn: TChannel.KeepsMessages && block.Next is { Committed: > 0 });
                if (sent.Succeeded)
                {
                    block.Sent += sent.Count;
                }
                else if (sent.WouldBlock)
                {
                    return false;
                }
                else
                {
                    _broken = true;
                }
            }

            if (_broken)
            {
                block.Sent = block.Committed;
            }

            // The last block stays: the application may be writing to it.
            if (block.Next is null)
            {
                return true;
            }

            _head = block.Next;
            block.GiveBack();
        }

        return true;
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
