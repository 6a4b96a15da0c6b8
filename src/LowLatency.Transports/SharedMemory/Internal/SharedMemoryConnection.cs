using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>A connection over two rings: the loop looks at them round by round; epoll watches the control socket, for bells and the peer's end.</summary>
internal sealed class SharedMemoryConnection : PolledConnection<RingChannel>
{
    private const int BellsAtOnce = 256;

    private readonly StreamSocket _control;
    private readonly RingPair _rings;

    // Written by the application's thread as well; the loop acts upon them.
    private volatile bool _wantsRoom;
    private volatile bool _owesEnd;
    private bool _armed;
    private bool _moreBells;
    private bool _closing;

    private SharedMemoryConnection(
        PollLoop loop, StreamSocket control, RingPair rings, EndPoint? local, EndPoint? remote, bool inline, int receiveBytes, Action<PolledConnection>? closed)
        : base(loop, new RingChannel(rings), local, remote, inline, receiveBytes, closed)
    {
        _control = control;
        _rings = rings;
    }

    internal static SharedMemoryConnection OfServer(
        PollLoop loop, SharedRegion region, StreamSocket control, EndPoint local, bool inline, int receiveBytes, Action<PolledConnection>? closed)
    {
        var rings = new RingPair(region, new RingConsumer(region.Requests), new RingProducer(region.Replies), control, loop);
        return new SharedMemoryConnection(loop, control, rings, local, remote: null, inline, receiveBytes, closed);
    }

    internal static SharedMemoryConnection OfClient(
        PollLoop loop, SharedRegion region, StreamSocket control, EndPoint remote, bool inline, int receiveBytes)
    {
        var rings = new RingPair(region, new RingConsumer(region.Replies), new RingProducer(region.Requests), control, loop);
        return new SharedMemoryConnection(loop, control, rings, local: null, remote, inline, receiveBytes, closed: null);
    }

    /// <summary>Takes the loop's place over from the handshake. On the loop.</summary>
    /// <returns>Whether the kernel watches the control socket.</returns>
    internal bool Start()
    {
        Loop.Add(this);
        if (Loop.Epoll.TryAdd(_control.Descriptor, EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered, Tag) != Errno.None)
        {
            return false;
        }

        Loop.Spin(this);
        return true;
    }

    // ---- What the pipe ends ask for ----

    // The loop looks at the ring anyway.
    internal override void Watch()
    {
    }

    internal override void WatchForEnd()
    {
    }

    internal override void WatchWritable(bool wanted)
    {
        _wantsRoom = wanted;
        if (wanted)
        {
            Loop.WakeIfAsleep();
        }
    }

    internal override void OutputEnded()
    {
        if (!_rings.TryEnd())
        {
            // No room: the loop does it when there is.
            _owesEnd = true;
            Loop.WakeIfAsleep();
        }
    }

    // ---- On the loop ----

    internal override LookResult Look()
    {
        if (_wantsRoom || _owesEnd)
        {
            LookForRoom();
        }

        if (IsReleased)
        {
            return LookResult.Found;
        }

        _rings.BeginTurn();
        LookResult result = Input.TryReceive(mayHoldMore: false);
        _rings.EndTurn();
        if (result == LookResult.Found)
        {
            Loop.Took(Input.MessagesOfTurn);
        }

        return result;
    }

    internal override void OnEvents(EpollEvents events)
    {
        // An end behind the bells is no event of its own.
        const EpollEvents Ended = EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error;
        if (!TakeBells() || (events & Ended) != 0)
        {
            _rings.PeerHasGone();
            Output.OnWritable();
            Input.OnReadable(mayHoldMore: true);
            FireClosed();
            if (_closing)
            {
                Close();
            }
        }
    }

    internal override void OnTurn()
    {
        // Asked for in an earlier round, and the connection may be gone since, its descriptor another's by now.
        if (IsReleased)
        {
            return;
        }

        if (_moreBells)
        {
            _moreBells = false;
            OnEvents(EpollEvents.In);
        }

        _ = Look();
    }

    internal override bool PrepareToSleep()
    {
        bool hasWork = false;
        _armed = true;
        if (Input.IsWaiting)
        {
            _rings.Publish();
            _rings.Incoming.PrepareToSleep();
            hasWork = _rings.HasFailed || _rings.Incoming.HasRecord;
        }

        return hasWork || ((_wantsRoom || _owesEnd) && !_rings.Outgoing.PrepareToWait());
    }

    internal override void Awake()
    {
        if (_armed)
        {
            _armed = false;
            _rings.Incoming.Awake();
            _rings.Outgoing.Awake();
        }
    }

    internal override void OnLoopEnd()
    {
        if (_closing)
        {
            Close();
            return;
        }

        Abort(new ConnectionAbortedException("The transport was disposed."));
        Input.OnReadable(mayHoldMore: true);
    }

    private void LookForRoom()
    {
        if (_wantsRoom)
        {
            Output.OnWritable();
        }

        if (_owesEnd && _rings.TryEnd())
        {
            _owesEnd = false;
            if (_closing)
            {
                Close();
            }
        }
    }

    /// <summary>Takes the bells in, which need nothing but that the loop is awake.</summary>
    /// <returns>Whether the peer is still there.</returns>
    private bool TakeBells()
    {
        Span<byte> bells = stackalloc byte[BellsAtOnce];
        IoResult received = _control.Receive(bells);
        if (received.Succeeded && received.Count == BellsAtOnce)
        {
            // A peer that rings without end gets its turn like any other, and no more: the next round's, not the rest of this one.
            _moreBells = true;
            Loop.RunLater(this);
        }

        return received.Succeeded ? received.Count > 0 : received.WouldBlock;
    }

    // The peer sees the hang-up, and no record that ends the direction: a reset. The loop is woken by it as well.
    protected override void Sever()
    {
        _rings.Sever();
        _ = _control.Shutdown(SocketShutdown.Both);
    }

    // What was sent stays in the ring for the peer, also when this side is gone.
    protected override void CloseOrLinger()
    {
        if (!_owesEnd || IsAborted || Output.IsBroken)
        {
            Close();
            return;
        }

        _closing = true;
        CloseAfterLingering();
    }

    protected override void ReleaseTransport()
    {
        Loop.Unspin(this);
        _rings.Sever();
        if (_rings.Violation is string violation)
        {
            Log.PeerBrokeProtocol(Loop.Logger, (LocalEndPoint ?? RemoteEndPoint)!, violation);
        }

        _rings.Release();
    }
}
