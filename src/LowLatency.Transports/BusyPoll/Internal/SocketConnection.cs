using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>A connection over a polled socket: its two pipe ends, its life, and what the server asks about it.</summary>
/// <remarks>
/// The loop closes the descriptor, after the application has disposed of the connection: a send or a shutdown can therefore
/// never meet another connection's descriptor under the same number.
/// </remarks>
internal sealed class SocketConnection : PollSource, IThreadPoolWorkItem
{
    private const EpollEvents Always = EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered;

    private static long _lastId;

    private readonly PollLoop _loop;
    private readonly StreamSocket _socket;
    private readonly Action<SocketConnection>? _closed;
    private readonly Lock _interestGate = new();
    private ConnectionAbortedException? _abortReason;
    private CancellationTokenSource? _closedSource;
    private EpollEvents _interest;
    private int _started;
    private int _disposed;
    private bool _fired;
    private bool _lingering;
    private bool _owesEnd;
    private volatile bool _released;

    internal SocketConnection(
        PollLoop loop, StreamSocket socket, EndPoint? local, EndPoint? remote, bool inline, int receiveBytes, Action<SocketConnection>? closed)
    {
        _loop = loop;
        _socket = socket;
        _closed = closed;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        Input = new SocketPipeReader(this, loop, socket, receiveBytes, inline);
        Output = new SocketPipeWriter(this, loop, socket, inline);
        Context = new SocketConnectionContext(this);
    }

    internal PollLoop Loop => _loop;

    internal SocketConnectionContext Context { get; }

    internal SocketPipeReader Input { get; }

    internal SocketPipeWriter Output { get; }

    internal EndPoint? LocalEndPoint { get; }

    internal EndPoint? RemoteEndPoint { get; }

    private bool IsAborted => Volatile.Read(ref _abortReason) is not null;

    internal static string NextId() => Interlocked.Increment(ref _lastId).ToString("X", CultureInfo.InvariantCulture);

    // ---- Its life ----

    /// <summary>The token that fires when the peer has ended or the connection is aborted; made when somebody first asks for it.</summary>
    internal CancellationToken Closed
    {
        get
        {
            lock (_interestGate)
            {
                bool nobodyHasRegistered = _closedSource is null;
                _closedSource ??= new CancellationTokenSource();
                if (_fired && nobodyHasRegistered)
                {
                    _closedSource.Cancel();
                }

                return _closedSource.Token;
            }
        }
    }

    /// <summary>Ends both directions at once, and lets the peer see a reset. Any thread.</summary>
    internal void Abort(ConnectionAbortedException? reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, reason ?? new ConnectionAbortedException(), null) is not null)
        {
            return;
        }

        lock (_interestGate)
        {
            if (_released)
            {
                return;
            }

            // The shutdown makes the descriptor readable: the loop then finds the end, and whoever waits is told.
            _socket.ResetOnClose();
            _ = _socket.Shutdown(SocketShutdown.Both);
        }

        Output.Break();
        FireClosed();
    }

    internal async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Started();
        Input.Complete();
        Output.Complete();
        await Output.DrainAsync();
        FireClosed();
        if (_loop.IsCurrentThread)
        {
            CloseOrLinger();
        }
        else
        {
            _loop.Post(static connection => ((SocketConnection)connection!).CloseOrLinger(), this);
        }
    }

    /// <summary>The application has taken the connection up, and reads. Once.</summary>
    internal void Started()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _loop.ApplicationCameBack();
        }
    }

    /// <summary>Nothing more comes in.</summary>
    internal void InputEnded() => FireClosed();

    /// <summary>Nothing more goes out.</summary>
    internal void OutputEnded()
    {
        if (Input.HasEnded && _loop.IsCurrentThread)
        {
            // As a rule the connection is closed before the loop's next round, and that tells the peer as well.
            _owesEnd = true;
            _loop.RunLater(this);
        }
        else
        {
            SendEnd();
        }
    }

    private void SendEnd()
    {
        lock (_interestGate)
        {
            if (!_released && !IsAborted)
            {
                _ = _socket.Shutdown(SocketShutdown.Send);
            }
        }
    }

    /// <summary>What a reader is to be told at the end of the stream; <c>null</c> for a clean end.</summary>
    internal Exception? FailureAtEnd(IoResult received)
    {
        if (Volatile.Read(ref _abortReason) is ConnectionAbortedException reason)
        {
            return new ConnectionAbortedException(reason.Message, reason);
        }

        return received.Succeeded ? null : new ConnectionResetException("The peer reset the connection.", new LinuxException("recv", received.Error));
    }

    // A pool thread runs the callbacks, as they are anybody's and may block.
    private void FireClosed()
    {
        lock (_interestGate)
        {
            if (_fired)
            {
                return;
            }

            _fired = true;
            if (_closedSource is null)
            {
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _closedSource!.Cancel();
        }
        catch (AggregateException exception)
        {
            // The application's own fault, and no reason to end the process.
            Log.ClosedCallbackFailed(_loop.Logger, exception);
        }
    }

    // ---- On the loop ----

    /// <summary>Has the loop told of what happens to the descriptor. Any thread.</summary>
    internal void Watch() => SetInterest(EpollEvents.None, EpollEvents.None);

    /// <summary>Has the loop told of room to send, or no longer. Any thread.</summary>
    /// <remarks>Not for good: a Unix socket would report room after every message that the peer takes.</remarks>
    internal void WatchWritable(bool wanted)
        => SetInterest(wanted ? EpollEvents.Out : EpollEvents.None, wanted ? EpollEvents.None : EpollEvents.Out);

    internal override void Prefetch(PrefetchStage stage)
    {
        switch (stage)
        {
            case PrefetchStage.Source:
                CachePrefetch.Lines(this, 0, 3);
                break;
            case PrefetchStage.Parts:
                CachePrefetch.Lines(Input, 0, 4);
                CachePrefetch.Lines(Output, 0, 4);
                break;
            case PrefetchStage.Application:
                // And what was allocated just before it: as a rule what the application made for this connection as well.
                CachePrefetch.Lines(Input.Awaiter, -4, 5);
                break;
        }
    }

    internal override void OnEvents(EpollEvents events)
    {
        if (_lingering)
        {
            OnTurn();
            return;
        }

        const EpollEvents Ended = EpollEvents.Error | EpollEvents.HangUp;
        if ((events & (EpollEvents.Out | Ended)) != 0)
        {
            Output.OnWritable();
        }

        if ((events & (EpollEvents.In | EpollEvents.ReadHangUp | Ended)) == 0)
        {
            return;
        }

        bool ends = (events & (EpollEvents.ReadHangUp | Ended)) != 0;
        Input.OnReadable(mayHoldMore: ends);
        if (ends)
        {
            // Also when nobody reads: what waits for something else is to learn that the peer has gone.
            FireClosed();
        }
    }

    internal override LookResult Look() => _lingering ? LookResult.NotLooking : Input.TryReceive(mayHoldMore: false);

    /// <summary>Takes the socket out of epoll, which saves the peer's send the work of telling it.</summary>
    internal override bool BecomeFavourite()
    {
        lock (_interestGate)
        {
            if (_released || _lingering || _interest != Always || _loop.Epoll.TryRemove(_socket.Descriptor) != Errno.None)
            {
                return false;
            }

            _interest = EpollEvents.None;
            return true;
        }
    }

    // What came meanwhile is reported anew.
    internal override void CeaseToBeFavourite()
    {
        if (!_released && _interest == EpollEvents.None)
        {
            Watch();
        }
    }

    internal override void OnLoopEnd()
    {
        if (_lingering)
        {
            Close();
            return;
        }

        // The application may still be using it. It finds the end, and its disposal then closes the descriptor.
        Abort(new ConnectionAbortedException("The transport was disposed."));
        Input.OnReadable(mayHoldMore: true);
    }

    internal override void OnTurn()
    {
        if (_owesEnd)
        {
            _owesEnd = false;
            SendEnd();
        }
        else if (!_lingering)
        {
            Input.TryReceive(mayHoldMore: true);
        }
        else if (!_released && !DiscardInput())
        {
            Close();
        }
    }

    // What is neither added nor removed stays: the two pipe ends, on two threads, know nothing of each other's wishes.
    private void SetInterest(EpollEvents added, EpollEvents removed)
    {
        lock (_interestGate)
        {
            EpollEvents events = (_interest | Always | added) & ~removed;
            if (_released || _interest == events)
            {
                return;
            }

            Errno error = _interest == EpollEvents.None
                ? _loop.Epoll.TryAdd(_socket.Descriptor, events, Tag)
                : _loop.Epoll.TryModify(_socket.Descriptor, events, Tag);
            if (error == Errno.None)
            {
                _interest = events;
                return;
            }
        }

        // Out of kernel memory or watches: this connection cannot be served.
        Abort(new ConnectionAbortedException("The kernel cannot watch the connection."));
    }

    /// <summary>Closes a connection that has ended on both sides; waits a little for a peer that is still sending.</summary>
    /// <remarks>Closing a socket with unread input resets it, and the reset may overtake the last reply.</remarks>
    private void CloseOrLinger()
    {
        if (Input.HasEnded || IsAborted || Output.IsBroken)
        {
            Close();
            return;
        }

        _lingering = true;
        Watch();
        if (DiscardInput())
        {
            _loop.RunAfter(PollLoop.LingerFor, static connection => ((SocketConnection)connection!).Close(), this);
        }
        else
        {
            Close();
        }
    }

    /// <summary>Takes what the peer still sends, and drops it.</summary>
    /// <returns>Whether the peer has not ended yet.</returns>
    private bool DiscardInput()
    {
        IoResult received = _socket.Receive(_loop.ReceiveArray);
        if (received.Succeeded && received.Count > 0)
        {
            _loop.RunLater(this);
            return true;
        }

        return received.WouldBlock;
    }

    private void Close()
    {
        lock (_interestGate)
        {
            if (_released)
            {
                return;
            }

            _released = true;
            _loop.Remove(this);
            _socket.Dispose();
        }

        Input.Release();
        Output.Release();
        _closed?.Invoke(this);
    }
}
