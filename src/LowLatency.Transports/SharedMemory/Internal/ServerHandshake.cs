using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>A client that is attaching, seen from the server: see <see cref="Handshake"/> for what is said.</summary>
/// <remarks>
/// Everything here is on the loop but what takes a while and goes to the thread pool: the making of the region, and a last look at
/// whether all of it is there. Whatever fails ends this client and nobody else. It has a deadline as a whole.
/// </remarks>
internal sealed class ServerHandshake(
    PollLoop loop,
    StreamSocket control,
    AttachSettings settings,
    MemoryBudget budget,
    Func<bool> isLeaving,
    Action<StreamSocket, SharedRegion, long, PollLoop> attached,
    Action<SharedMemoryRefusal, string> refused) : PollSource
{
    /// <summary>How long one may take whose listener stops: a mute client does not hold a stop up.</summary>
    private static readonly TimeSpan WhileLeaving = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private long _since;
    private readonly byte[] _hello = new byte[Handshake.MessageBytes];
    private SharedRegion? _region;
    private long _memory;
    private int _received;
    private Stage _stage = Stage.Hello;

    private enum Stage
    {
        Hello,

        /// <summary>A pool thread makes the region.</summary>
        Making,
        Mapped,

        /// <summary>A pool thread goes through the region.</summary>
        Sealing,
        Over,
    }

    internal void Start()
    {
        _since = Stopwatch.GetTimestamp();
        loop.Add(this);
        Errno error = loop.Epoll.TryAdd(control.Descriptor, EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered, Tag);
        if (error == Errno.BadDescriptor)
        {
            Fail(SharedMemoryRefusal.Stopping, "the loop has ended");
            return;
        }

        if (error != Errno.None)
        {
            Fail(SharedMemoryRefusal.NoMemory, "the kernel cannot watch the control socket");
            return;
        }

        if (!settings.Allows(control))
        {
            Refuse(HandshakeStatus.NotAllowed, SharedMemoryRefusal.NotAllowed, "its user is not among those allowed");
            return;
        }

        LookAtTheTime();
    }

    internal override void OnEvents(EpollEvents events)
    {
        while (_stage is Stage.Hello or Stage.Mapped)
        {
            // Descriptors that a client sends along are dropped by the kernel: there is no room for them.
            Span<byte> rest = _stage == Stage.Hello ? _hello.AsSpan(_received) : _hello.AsSpan(0, 1);
            IoResult received = control.Receive(rest);
            if (received.WouldBlock)
            {
                break;
            }

            if (!received.Succeeded || received.Count == 0)
            {
                Fail(SharedMemoryRefusal.Protocol, "it hung up");
                return;
            }

            TakeIn(received.Count);
        }

        if (_stage is Stage.Making or Stage.Sealing && (events & EpollEvents.ReadHangUp) != 0)
        {
            Fail(SharedMemoryRefusal.Protocol, "it hung up");
        }
    }

    internal override void OnLoopEnd() => Fail(SharedMemoryRefusal.Stopping, "the transport was disposed");

    private void TakeIn(int count)
    {
        if (_stage == Stage.Mapped)
        {
            Close(_hello[0]);
            return;
        }

        _received += count;
        if (_received < Handshake.MessageBytes)
        {
            return;
        }

        HandshakeStatus status = Handshake.ReadHello(_hello, out uint requestBytes, out uint replyBytes);
        if (status != HandshakeStatus.Ok)
        {
            Refuse(status, SharedMemoryRefusal.Protocol, status.ToString());
            return;
        }

        requestBytes = requestBytes == 0 ? settings.RingBytes : Math.Min(requestBytes, settings.MaxRingBytes);
        replyBytes = replyBytes == 0 ? settings.RingBytes : Math.Min(replyBytes, settings.MaxRingBytes);
        long memory = SharedRegion.SizeOf(requestBytes, replyBytes);
        if (!budget.TryTake(memory))
        {
            Refuse(HandshakeStatus.NoMemory, SharedMemoryRefusal.NoMemory, "the budget for rings is used up");
            return;
        }

        _memory = memory;
        _stage = Stage.Making;
        loop.ApplicationLeft();
        ThreadPool.UnsafeQueueUserWorkItem(
            static work =>
            {
                Errno error = SharedRegion.TryCreate(work.requestBytes, work.replyBytes, out SharedRegion? region);
                work.handshake.Loop.Post(_ => work.handshake.Welcome(error, region), null);
            },
            (handshake: this, requestBytes, replyBytes),
            preferLocal: false);
    }

    private PollLoop Loop => loop;

    private void Welcome(Errno error, SharedRegion? region)
    {
        loop.ApplicationCameBack();
        if (_stage == Stage.Over)
        {
            region?.Dispose();
            budget.Return(_memory);
            return;
        }

        // From here on the budget is given back by whoever ends this.
        _stage = Stage.Mapped;
        if (error != Errno.None)
        {
            Refuse(HandshakeStatus.NoMemory, SharedMemoryRefusal.NoMemory, error.ToString());
            return;
        }

        _region = region!;
        Span<byte> welcome = stackalloc byte[Handshake.MessageBytes];
        Handshake.WriteWelcome(welcome, HandshakeStatus.Ok, _region.Requests.Bytes, _region.Replies.Bytes);
        IoResult sent = control.SendWithDescriptor(welcome, _region.File);
        if (!sent.Succeeded || sent.Count < welcome.Length)
        {
            Fail(SharedMemoryRefusal.Protocol, "it does not take the answer");
            return;
        }

        OnEvents(EpollEvents.In);
    }

    private void Close(byte said)
    {
        if (said != Handshake.Mapped)
        {
            Fail(SharedMemoryRefusal.Protocol, "it did not say that it has mapped the memory");
            return;
        }

        // The client may have made holes into it, each page of which is made anew: some 100 us where the rings have the default size.
        _stage = Stage.Sealing;
        loop.ApplicationLeft();
        ThreadPool.UnsafeQueueUserWorkItem(
            static handshake =>
            {
                Errno error = handshake._region!.TryClose();
                handshake.Loop.Post(_ => handshake.CameBack(error), null);
            },
            this,
            preferLocal: false);
    }

    private void CameBack(Errno error)
    {
        loop.ApplicationCameBack();
        if (_stage == Stage.Over)
        {
            _region!.Dispose();
            budget.Return(_memory);
            return;
        }

        _stage = Stage.Mapped;
        Seal(error);
    }

    private void Seal(Errno error)
    {
        if (error != Errno.None)
        {
            Fail(SharedMemoryRefusal.Protocol, $"its memory cannot be sealed ({error})");
            return;
        }

        _region!.CloseDescriptor();
        IoResult sent = control.Send([Handshake.Go]);
        if (!sent.Succeeded)
        {
            Fail(SharedMemoryRefusal.Protocol, "it hung up");
            return;
        }

        Leave();
        attached(control, _region, _memory, loop);
    }

    private void LookAtTheTime()
    {
        if (_stage == Stage.Over)
        {
            return;
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(_since);
        TimeSpan left = settings.Timeout - taken;
        if (left <= TimeSpan.Zero)
        {
            Fail(SharedMemoryRefusal.TimedOut, "it took too long");
            return;
        }

        if (taken >= WhileLeaving && isLeaving())
        {
            Fail(SharedMemoryRefusal.Stopping, "the server stops");
            return;
        }

        loop.RunAfter(left < BetweenLooks ? left : BetweenLooks, static handshake => ((ServerHandshake)handshake!).LookAtTheTime(), this);
    }

    private void Refuse(HandshakeStatus status, SharedMemoryRefusal reason, string detail)
    {
        Span<byte> welcome = stackalloc byte[Handshake.MessageBytes];
        Handshake.WriteWelcome(welcome, status, 0, 0);
        _ = control.Send(welcome);
        Fail(reason, detail);
    }

    private void Fail(SharedMemoryRefusal reason, string detail)
    {
        bool isElsewhere = _stage is Stage.Making or Stage.Sealing;
        Leave();
        control.Dispose();
        if (!isElsewhere)
        {
            _region?.Dispose();
            budget.Return(_memory);
        }

        refused(reason, detail);
    }

    // Its events from here on are the connection's, or nobody's.
    private void Leave()
    {
        _stage = Stage.Over;
        _ = loop.Epoll.TryRemove(control.Descriptor);
        loop.Remove(this);
    }
}
