using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using LowLatency.Linux;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.PipeEnds;

/// <summary>The read end of a polled connection: what the application reads is what the loop received, without a pipe in between.</summary>
/// <remarks>
/// <para>The read side belongs to one thread at a time. Who that is, stands in <see cref="_state"/>:</para>
/// <list type="bullet">
/// <item><see cref="Waiting"/> set: a read is pending and the loop has the side. Only the loop clears the bit, and so completes
/// the read: when something was received, or when another thread has asked it to for a cancellation.</item>
/// <item><see cref="Waiting"/> clear: the application has it, from the completion of one read to the pending of the next. The
/// loop then touches nothing but the state: it leaves a note that the socket is readable, and does not receive.</item>
/// </list>
/// <para>
/// So nothing is received that nobody waits for, which is the backpressure, and no buffer is shared. Events are
/// edge-triggered: a socket that is readable and not read is reported once, noted in <see cref="Readable"/>, and costs nothing
/// more. Every change of the state is an interlocked operation, a full fence; each pairs with the next one on the other side.
/// </para>
/// </remarks>
internal sealed class PolledPipeReader<TChannel>(PolledConnection connection, PollLoop loop, TChannel channel, int receiveBytes, bool inline)
    : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem, IReadContinuation
    where TChannel : struct, IByteChannel
{
    /// <summary>A read is pending; the loop may receive.</summary>
    private const int Waiting = 1;

    /// <summary>The socket became readable, or may be still, and nobody has looked since.</summary>
    private const int Readable = 2;

    /// <summary>The next read, or the pending one, is to return as cancelled.</summary>
    private const int CancelRequested = 4;

    /// <summary>Messages that one turn of the loop takes at most, where a receive is cheap; a long one counts for several.</summary>
    private const int MessagesPerTurn = 64;
    private const int BytesOfOne = 256;

    /// <summary>A message that is kept together up to here; what is longer arrives in pieces.</summary>
    internal const int MostGathered = 64 * 1024;

    private readonly bool _livesOnLoop = inline;
    private readonly InputBuffer _buffer = new(loop, keepsSmall: TChannel.ReceiveIsCheap);
    private ManualResetValueTaskSourceCore<ReadResult> _pending;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private Exception? _failure;
    private int _state;
    private int _gathered;
    private int _messagesLeft;
    private PeerPace _pace = new(inline ? 0 : loop.PoolSpinTicks);
    private bool _heldBack;
    private bool _reading;

    // What was read is nothing but the news of a cancellation: it may be read on without an advance, as from a Pipe.
    private bool _mayReadOn;

    // A read waits, or is being completed, by whichever thread: the buffer is not the application's then, also where it has given up its read.
    private volatile bool _unfinished;
    private bool _ended;
    private volatile bool _completed;
    private bool _watched;
    private bool _offLoop;

    /// <inheritdoc/>
    public bool OnLoop { get; set; } = inline;

    /// <summary>What awaited the last read that was pending: as a rule, what awaits the next one.</summary>
    internal object? Awaiter { get; private set; }

    /// <summary>The peer's end of the stream was received, or the connection has failed.</summary>
    internal bool HasEnded => _ended;

    /// <summary>The peer has reset the connection, or the network has lost it.</summary>
    internal bool WasReset => _failure is ConnectionResetException;

    /// <summary>The beginning of a message is here, and is held back until the rest is. Any thread.</summary>
    internal bool HoldsPartOfMessage => Volatile.Read(ref _heldBack);

    /// <summary>Something has come from the peer, ever.</summary>
    internal bool HasReceived { get; private set; }

    /// <summary>A read is pending, and the side is the loop's.</summary>
    internal bool IsWaiting => (Volatile.Read(ref _state) & Waiting) != 0;

    /// <summary>How many messages this turn has taken, a long one counting for several. On the loop.</summary>
    internal int MessagesOfTurn => MessagesPerTurn - _messagesLeft;

    // ---- The application's half: one thread at a time, whichever it is ----

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfMisused();
        if (TakeBuffered(out result))
        {
            return true;
        }

        while (MayReceiveHere)
        {
            int gathered = _gathered;
            if (ReceiveHere(loop.IsCurrentThread))
            {
                return TakeBuffered(out result);
            }

            if (!_heldBack || _gathered == gathered)
            {
                break;
            }

            // A part of a message, and the rest of it may be there as well.
        }

        return false;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfMisused();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        if (TakeBuffered(out ReadResult result))
        {
            return ValueTask.FromResult(result);
        }

        if (!loop.IsCurrentThread)
        {
            return WaitElsewhere(cancellationToken);
        }

        // What has arrived behind the message of this turn is taken at once: so much that the others wait for it no longer than
        // they would for a system call or two.
        if (TChannel.ReceiveIsCheap && _messagesLeft > 0 && ReceiveHere(onLoop: true) && TakeBuffered(out result))
        {
            return ValueTask.FromResult(result);
        }

        return WaitOnLoop(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_reading)
        {
            if (_completed)
            {
                return;
            }

            throw new InvalidOperationException("There is no read to advance.");
        }

        _buffer.Advance(consumed, examined);
        _reading = false;
    }

    public override void CancelPendingRead()
    {
        // Who cancels in order to leave may look once more: what has arrived by now is found, also if nobody was told of it yet.
        int request = TChannel.ReceiveIsCheap ? CancelRequested : CancelRequested | Readable;
        if ((Interlocked.Or(ref _state, request) & Waiting) != 0)
        {
            PostEndOfWait();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        _reading = false;
        if ((Interlocked.Or(ref _state, CancelRequested) & Waiting) != 0)
        {
            // The side is the loop's, and the buffer with it.
            PostEndOfWait();
            return;
        }

        CameBack();

        // Whoever completes the abandoned read may be filling the buffer right now. What it holds is left to the collector.
        if (!_unfinished)
        {
            _buffer.Clear();
        }
    }

    /// <summary>Nothing of the application runs any more.</summary>
    internal void Release()
    {
        Complete();
        EndWait();
        CameBack();
    }

    // Where a look is a system call, only when there is something to be found.
    private bool MayReceiveHere => TChannel.ReceiveIsCheap || !_watched || (Volatile.Read(ref _state) & Readable) != 0;

    private void ThrowIfMisused()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }

        if ((_reading && !_mayReadOn) || (Volatile.Read(ref _state) & Waiting) != 0)
        {
            throw new InvalidOperationException("A read is in progress already.");
        }
    }

    /// <summary>Takes what needs no receive: buffered bytes, the end, a failure, a cancellation.</summary>
    private bool TakeBuffered(out ReadResult result)
    {
        int state = Volatile.Read(ref _state);
        if ((state & CancelRequested) != 0)
        {
            Interlocked.And(ref _state, ~CancelRequested);
            result = NextResult(isCanceled: true);
            return true;
        }

        if ((_buffer.HasUnexamined && !_heldBack) || _ended)
        {
            result = NextResult(isCanceled: false);
            return true;
        }

        result = default;
        return false;
    }

    private ReadResult NextResult(bool isCanceled)
    {
        ReadOnlySequence<byte> bytes = _heldBack ? _buffer.BeforeHeld : _buffer.Sequence;
        if (_failure is not null && !isCanceled)
        {
            throw _failure;
        }

        _reading = true;
        _mayReadOn = isCanceled;
        return new ReadResult(bytes, isCanceled, isCompleted: _ended);
    }

    /// <summary>On the loop a read that may not take more in this turn waits for the next: a peer that sends without end would keep the loop to itself.</summary>
    private ValueTask<ReadResult> WaitOnLoop(CancellationToken cancellationToken)
    {
        CameBack();
        Watch();
        Prepare(cancellationToken);
        ValueTask<ReadResult> pending = new(this, _pending.Version);
        int before = Interlocked.Or(ref _state, Waiting);
        if ((before & Readable) != 0)
        {
            loop.RunLater(connection);
        }

        // What came before the bit was set found nobody waiting.
        if ((before & CancelRequested) != 0 || cancellationToken.IsCancellationRequested)
        {
            TakeSide();
            Finish();
        }

        return pending;
    }

    /// <summary>On another thread a read looks for itself first: the loop may have passed by while the application was busy.</summary>
    private ValueTask<ReadResult> WaitElsewhere(CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((MayReceiveHere && ReceiveHere(onLoop: false)) || (_pace.IsQuick && !PollLoop.IsOnAny && LookOn(cancellationToken)))
            {
                return TakeBuffered(out ReadResult result) ? ValueTask.FromResult(result) : throw new InvalidOperationException();
            }

            // Watched from here on: what comes between the look above and this is reported as an edge, and noted as readable.
            Watch();
            Prepare(cancellationToken);
            ValueTask<ReadResult> pending = new(this, _pending.Version);
            CameBack();
            _pace.WaitBegins();
            if (Interlocked.CompareExchange(ref _state, Waiting, 0) == 0)
            {
                if (TChannel.ReceiveIsCheap)
                {
                    // No event tells of what came before: the loop looks, and does not fall asleep over it.
                    loop.WakeIfAsleep();
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    PostEndOfWait();
                }

                return pending;
            }

            _cancellation.Dispose();
            _unfinished = false;
            if (TakeBuffered(out ReadResult taken))
            {
                return ValueTask.FromResult(taken);
            }
        }
    }

    /// <summary>Looks again and again for what a quick peer sends, which saves waking the loop, and a pool thread by it.</summary>
    /// <remarks>One connection of the loop at a time, only as long as nobody else waits for a pool thread, and never on another loop's thread.</remarks>
    private bool LookOn(CancellationToken cancellationToken)
    {
        if (!loop.TryBeginLooking())
        {
            return false;
        }

        if (!TChannel.ReceiveIsCheap && _watched)
        {
            // The loop would wake up for each message, and find it taken.
            _watched = false;
            connection.WatchForEnd();
        }

        bool found;
        try
        {
            long deadline = _pace.Deadline;
            do
            {
                found = ReceiveHere(onLoop: false);
            }
            while (!found && (Volatile.Read(ref _state) & CancelRequested) == 0 && !cancellationToken.IsCancellationRequested
                && ThreadPool.PendingWorkItemCount == 0 && Stopwatch.GetTimestamp() < deadline);
        }
        finally
        {
            loop.EndLooking();
        }

        if (!found)
        {
            _pace.LookedInVain();
        }

        return found;
    }

    private void Watch()
    {
        if (!_watched)
        {
            _watched = true;
            connection.Watch();
            connection.Started();
        }
    }

    private void Prepare(CancellationToken cancellationToken)
    {
        _pending.Reset();
        _reading = false;
        _unfinished = true;
        _cancellationToken = cancellationToken;
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static reader => ((PolledPipeReader<TChannel>)reader!).PostEndOfWait(), this);
        }
    }

    /// <summary>Receives on the application's thread, which has the side.</summary>
    /// <param name="onLoop">That thread is the loop, whose array can be used.</param>
    /// <returns>Whether there is something to take: bytes, the end or an error.</returns>
    private bool ReceiveHere(bool onLoop)
    {
        // Cleared before the receive: an event that comes behind it is noted anew. Where looks are cheap it is rarely set.
        if (!TChannel.ReceiveIsCheap || (Volatile.Read(ref _state) & Readable) != 0)
        {
            Interlocked.And(ref _state, ~Readable);
        }

        byte[] array = onLoop ? loop.Spares.ReceiveArray : ArrayPool<byte>.Shared.Rent(receiveBytes);
        IoResult received = channel.Receive(array);
        bool taken = false;
        bool goesOn = false;
        if (!received.WouldBlock)
        {
            bool hasBytes = received.Succeeded && received.Count > 0;
            if (!TChannel.ReceiveIsCheap && hasBytes)
            {
                // More, or the end, may stand behind the bytes already, and its edge be over: the next read looks again.
                Interlocked.Or(ref _state, Readable);
            }

            _messagesLeft -= CostOf(received);
            goesOn = IsInsideMessage(received);
            HoldBack(goesOn, hasBytes);
            taken = Take(array, received);
        }

        if (taken && onLoop)
        {
            loop.Spares.LendReceiveArray();
        }
        else if (!taken && !onLoop)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        return !received.WouldBlock && !goesOn;
    }

    // ---- The loop's half ----

    /// <summary>The socket has something, or has ended.</summary>
    internal void OnReadable(bool mayHoldMore)
    {
        int state = Volatile.Read(ref _state);
        while ((state & Waiting) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state | Readable, state);
            if (seen == state)
            {
                return;
            }

            state = seen;
        }

        TryReceive(mayHoldMore);
    }

    /// <summary>Receives for a pending read, and completes it.</summary>
    internal LookResult TryReceive(bool mayHoldMore)
    {
        int state = Volatile.Read(ref _state);
        if ((state & Waiting) == 0)
        {
            return LookResult.NotLooking;
        }

        byte[] array = loop.Spares.ReceiveArray;
        IoResult received = channel.Receive(array);
        if (received.WouldBlock)
        {
            NothingMore();
            return LookResult.Nothing;
        }

        bool hasBytes = received.Succeeded && received.Count > 0;
        bool more = hasBytes && (mayHoldMore || received.Count == array.Length);
        if (!more)
        {
            NothingMore();
        }
        else if ((Volatile.Read(ref _state) & Readable) == 0)
        {
            Interlocked.Or(ref _state, Readable);
        }

        _messagesLeft = MessagesPerTurn - CostOf(received);
        bool goesOn = IsInsideMessage(received);
        HoldBack(goesOn, hasBytes);
        if (!goesOn)
        {
            TakeSide();
        }

        if (Take(array, received))
        {
            loop.Spares.LendReceiveArray();
        }

        if (!goesOn)
        {
            Deliver();
        }

        return LookResult.Found;
    }

    // Who has cancelled meanwhile has asked for one more look, and is to have it.
    private void NothingMore()
    {
        int state = Volatile.Read(ref _state);
        while ((state & (Readable | CancelRequested)) == Readable)
        {
            int seen = Interlocked.CompareExchange(ref _state, state & ~Readable, state);
            if (seen == state)
            {
                return;
            }

            state = seen;
        }
    }

    /// <summary>Completes the pending read if it was cancelled. Whatever was received before it was asked for has gone first.</summary>
    private void EndWait()
    {
        int state = Volatile.Read(ref _state);
        if ((state & Waiting) == 0 || ((state & CancelRequested) == 0 && !_cancellationToken.IsCancellationRequested))
        {
            return;
        }

        TakeSide();
        if (_completed)
        {
            _buffer.Clear();
        }

        Deliver();
    }

    private void Deliver()
    {
        loop.Delivered(elsewhere: !_livesOnLoop);
        if (OnLoop)
        {
            Finish();
        }
        else
        {
            _offLoop = true;
            _pace.WaitEnds();
            loop.ApplicationLeft();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // What is received next is held back until the rest of its message is there: a reader that is woken up before that sees none of it.
    // An end is no rest: what it leaves unfinished nobody sees.
    private void HoldBack(bool held, bool hasBytes)
    {
        if (held && !_heldBack)
        {
            _buffer.HoldFromHere();
        }

        _heldBack = held || (_heldBack && !hasBytes);
    }

    /// <summary>More of the same message is to come, and enough room for it: the reader gets it as a whole.</summary>
    private bool IsInsideMessage(IoResult received)
    {
        if (!TChannel.KeepsMessages)
        {
            return false;
        }

        _gathered = received.Succeeded && received.Count > 0 && channel.MessageGoesOn ? _gathered + received.Count : 0;
        if (_gathered >= MostGathered)
        {
            _gathered = 0;
        }

        return _gathered > 0;
    }

    /// <summary>What a receive counts for in its turn: short messages are limited by their number, long ones may hold many in themselves.</summary>
    private static int CostOf(IoResult received) => 1 + (received.Count / BytesOfOne);

    private void TakeSide() => Interlocked.And(ref _state, ~Waiting);

    // ---- Both: whoever has the side ----

    /// <summary>Takes what was received into the side: bytes at the front of the array, the end (no bytes, no error), or an error.</summary>
    /// <returns>Whether the array was taken as well.</returns>
    private bool Take(byte[] array, IoResult received)
    {
        if (received.Succeeded && received.Count > 0)
        {
            HasReceived = true;
            return _buffer.Append(array, received.Count);
        }

        _failure = connection.FailureAtEnd(received);
        _ended = true;
        connection.InputEnded();
        return false;
    }

    void IThreadPoolWorkItem.Execute() => Finish();

    private void Finish()
    {
        if (_cancellationToken.CanBeCanceled)
        {
            _cancellation.Dispose();
            _cancellation = default;
        }

        // Each time right before the end of the wait: from then on the side is the application's. Pairs with the look at it in Complete.
        if (_failure is not null && (Volatile.Read(ref _state) & CancelRequested) == 0)
        {
            _unfinished = false;
            _pending.SetException(_failure);
        }
        else if (TakeBuffered(out ReadResult result))
        {
            _unfinished = false;
            _pending.SetResult(result);
        }
        else
        {
            _unfinished = false;
            _pending.SetException(new OperationCanceledException(_cancellationToken));
        }
    }

    // Also where the caller is the loop: who cancels a read does not expect to run what awaits it.
    private void PostEndOfWait() => loop.Post(static reader => ((PolledPipeReader<TChannel>)reader!).EndWait(), this);

    private void CameBack()
    {
        if (_offLoop)
        {
            _offLoop = false;
            loop.ApplicationCameBack();
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _pending.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (Awaiter != state)
        {
            Awaiter = state;
        }

        _pending.OnCompleted(continuation, state, token, flags);
    }
}
