using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>A connection over a polled socket, which epoll watches unless it is its loop's favourite.</summary>
internal sealed class SocketConnection : PolledConnection<SocketChannel>
{
    private const EpollEvents Always = EpollEvents.In | EpollEvents.Priority | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered;

    private const EpollEvents Failed = EpollEvents.Error | EpollEvents.HangUp;

    /// <summary>How long a connection waits for what its peer says first, before it is given to the server all the same.</summary>
    /// <remarks>
    /// Only where another has just come to nothing: a flood of connections that are reset as soon as they are made then costs
    /// accepts, and not the start and the end of a connection each. Who speaks at once waits for nothing; where the server speaks
    /// first, its word comes so much later, or a millisecond where the loop sleeps or is busy. Not done always: while it waits for the word
    /// the loop keeps the CPU, where at a start it makes way for the pool. With a connection per request, all of it on two CPUs,
    /// that led to 2,000 to 9,000 requests a second instead of 4,400 to 5,100.
    /// </remarks>
    private static readonly TimeSpan FirstWordWithin = TimeSpan.FromMicroseconds(200);

    private readonly StreamSocket _socket;
    private Action<SocketConnection, Errno>? _hasSpoken;
    private EpollEvents _interest;
    private bool _lingering;
    private bool _owesEnd;

    internal SocketConnection(
        PollLoop loop, StreamSocket socket, EndPoint? local, EndPoint? remote, bool inline, int receiveBytes, Action<PolledConnection>? closed)
        : base(loop, new SocketChannel(socket), local, remote, inline, receiveBytes, closed)
        => _socket = socket;

    /// <summary>It has failed, by a reset as a rule, and the peer never said anything.</summary>
    internal bool CameToNothing => Input.WasReset && !Input.HasReceived;

    // ---- What the pipe ends ask for ----

    internal override void Watch() => SetInterest(EpollEvents.None, EpollEvents.None);

    internal override void WatchForEnd() => SetInterest(EpollEvents.None, EpollEvents.In | EpollEvents.Priority);

    // Not for good: a Unix socket would report room after every message that the peer takes.
    internal override void WatchWritable(bool wanted)
        => SetInterest(wanted ? EpollEvents.Out : EpollEvents.None, wanted ? EpollEvents.None : EpollEvents.Out);

    internal override void OutputEnded()
    {
        if (Input.HasEnded && Loop.IsCurrentThread)
        {
            // As a rule the connection is closed before the loop's next round, and that tells the peer as well.
            _owesEnd = true;
            Loop.RunLater(this);
        }
        else
        {
            SendEnd();
        }
    }

    private void SendEnd()
    {
        lock (Gate)
        {
            if (!IsReleased && !IsAborted)
            {
                _ = _socket.Shutdown(SocketShutdown.Send);
            }
        }
    }

    // ---- On the loop ----

    /// <summary>Waits a little for what the peer says first, and is watched only for so long: whoever reads then finds it new.</summary>
    /// <param name="hasSpoken">
    /// Called once: without an error when something has come, be it the end, when nothing has for long enough, or when nobody can
    /// watch, as at the end of the loop. With an error when the connection has failed, which it then does not outlive.
    /// </param>
    internal void AwaitFirstWord(Action<SocketConnection, Errno> hasSpoken)
    {
        _hasSpoken = hasSpoken;
        Watch();
        if (IsAborted)
        {
            // It cannot be watched, or the loop has ended: the server is to see that.
            HasSpoken();
            return;
        }

        Loop.RunAfter(FirstWordWithin, static connection => ((SocketConnection)connection!).HasSpoken(), this);
    }

    private void HasSpoken()
    {
        if (_hasSpoken is not Action<SocketConnection, Errno> hasSpoken)
        {
            return;
        }

        _hasSpoken = null;
        lock (Gate)
        {
            if (_interest != EpollEvents.None)
            {
                _ = Loop.Epoll.TryRemove(_socket.Descriptor);
                _interest = EpollEvents.None;
            }
        }

        hasSpoken(this, Errno.None);
    }

    private void OnFirstWord(Action<SocketConnection, Errno> hasSpoken, EpollEvents events)
    {
        if ((events & Failed) == 0 || _socket.Peek() is not { Succeeded: false, WouldBlock: false } failure)
        {
            HasSpoken();
            return;
        }

        _hasSpoken = null;
        NeedsNoStart();
        hasSpoken(this, failure.Error);
        Close();
    }

    internal override void OnEvents(EpollEvents events)
    {
        if (_hasSpoken is not null)
        {
            OnFirstWord(_hasSpoken, events);
            return;
        }

        if (_lingering)
        {
            OnTurn();
            return;
        }

        if ((events & (EpollEvents.Out | Failed)) != 0)
        {
            Output.OnWritable();
        }

        if ((events & (EpollEvents.In | EpollEvents.Priority | EpollEvents.ReadHangUp | Failed)) == 0)
        {
            return;
        }

        bool ends = (events & (EpollEvents.ReadHangUp | Failed)) != 0;
        Input.OnReadable(mayHoldMore: ends || (events & EpollEvents.Priority) != 0);
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
        lock (Gate)
        {
            if (IsReleased || _lingering || _interest != Always || Loop.Epoll.TryRemove(_socket.Descriptor) != Errno.None)
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
        if (!IsReleased && _interest == EpollEvents.None)
        {
            Watch();
        }
    }

    internal override void OnLoopEnd()
    {
        // It is then the server's to find.
        HasSpoken();

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
        else if (!IsReleased && !DiscardInput())
        {
            Close();
        }
    }

    // What is neither added nor removed stays: the two pipe ends, on two threads, know nothing of each other's wishes.
    private void SetInterest(EpollEvents added, EpollEvents removed)
    {
        lock (Gate)
        {
            EpollEvents events = (_interest | Always | added) & ~removed;
            // What is asked for is asked for anew, also where it is watched already: the kernel then looks, and reports what it finds.
            if (IsReleased || (_interest == events && added == EpollEvents.None))
            {
                return;
            }

            Errno error = _interest == EpollEvents.None
                ? Loop.Epoll.TryAdd(_socket.Descriptor, events, Tag)
                : Loop.Epoll.TryModify(_socket.Descriptor, events, Tag);
            if (error == Errno.None)
            {
                _interest = events;
                return;
            }
        }

        // Out of kernel memory or watches: this connection cannot be served.
        Abort(new ConnectionAbortedException("The kernel cannot watch the connection."));

        // No event tells of that: a read that waits, or is about to, would wait for ever.
        Loop.Post(static connection => ((SocketConnection)connection!).OnUnwatched(), this);
    }

    private void OnUnwatched()
    {
        if (!IsReleased && !_lingering)
        {
            Input.OnReadable(mayHoldMore: true);
        }
    }

    // Either makes the descriptor readable: the loop then finds the end, and whoever waits is told.
    protected override void Sever()
    {
        if (_socket.Reset() != Errno.None)
        {
            _ = _socket.Shutdown(SocketShutdown.Both);
        }
    }

    /// <summary>Closes a connection that has ended on both sides; waits a little for a peer that is still sending.</summary>
    /// <remarks>Closing a socket with unread input resets it, and the reset may overtake the last reply.</remarks>
    protected override void CloseOrLinger()
    {
        if (Input.HasEnded || IsAborted || Output.IsBroken)
        {
            Close();
            return;
        }

        _lingering = true;
        Watch();

        // Behind the end of the loop nothing can be watched, and no timer runs.
        if (!IsAborted && DiscardInput())
        {
            CloseAfterLingering();
        }
        else
        {
            Close();
        }
    }

    protected override void ReleaseTransport() => _socket.Dispose();

    /// <summary>Takes what the peer still sends, and drops it.</summary>
    /// <returns>Whether the peer has not ended yet.</returns>
    private bool DiscardInput()
    {
        IoResult received = _socket.Receive(Loop.Spares.ReceiveArray);
        if (received.Succeeded && received.Count > 0)
        {
            Loop.RunLater(this);
            return true;
        }

        return received.WouldBlock;
    }
}
