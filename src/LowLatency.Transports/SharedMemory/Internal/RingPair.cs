using System.Runtime.CompilerServices;
using LowLatency.Linux;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>The two rings of a connection as one side uses them, and the bell that wakes the other.</summary>
/// <remarks>
/// The receiving half belongs to one thread at a time, and so does the sending half; they may be two threads. The memory is
/// given back on the loop, and not before every other thread has left it: see <see cref="RingVisit"/>.
/// </remarks>
internal sealed class RingPair(SharedRegion region, RingConsumer incoming, RingProducer outgoing, StreamSocket control, PollLoop loop)
{
    private readonly long _id = RingVisit.NextId();

    // Once it is set, nothing begins to touch the memory any more.
    private volatile Errno _fault;
    private volatile bool _peerGone;

    // Both on the loop only.
    private bool _inTurn;
    private bool _owesRinging;

    internal RingConsumer Incoming => incoming;

    internal RingProducer Outgoing => outgoing;

    /// <summary>Every receive and send fails, which who waits is to be told.</summary>
    internal bool HasFailed => _fault != Errno.None;

    /// <summary>What the peer has written that is not possible; <c>null</c> if it kept to the protocol.</summary>
    internal string? Violation
        => incoming.Violated ? "it committed what is no record" : outgoing.Violated ? "it claims to have consumed what it cannot have" : null;

    // ---- The receiving half ----

    internal IoResult Receive(Span<byte> buffer)
    {
        RingVisit visit = RingVisit.Begin(_id);
        IoResult received = _fault == Errno.None ? Take(buffer) : IoResult.Failed(_fault);
        visit.End();
        return received;
    }

    /// <summary>Makes room for the peer, and wakes it if it waits for that.</summary>
    internal void Publish()
    {
        if (!_peerGone && incoming.Publish())
        {
            Ring();
        }
    }

    // ---- The sending half ----

    internal IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn)
    {
        RingVisit visit = RingVisit.Begin(_id);
        IoResult sent = _fault == Errno.None && !_peerGone ? outgoing.Write(bytes, messageGoesOn) : IoResult.Failed(Errno.BrokenPipe);
        visit.End();
        return sent.Error == Errno.Protocol ? Fail(sent) : sent;
    }

    /// <summary>Ends the direction.</summary>
    /// <returns>Whether that is done, or never will be; otherwise there is no room.</returns>
    internal bool TryEnd()
    {
        RingVisit visit = RingVisit.Begin(_id);
        bool done = true;
        if (_fault == Errno.None && !_peerGone)
        {
            done = outgoing.TryEnd();
            if (done)
            {
                Announce();
            }
        }

        visit.End();
        if (!done && outgoing.Violated)
        {
            _ = Fail(IoResult.Failed(Errno.Protocol));
            return true;
        }

        return done;
    }

    /// <summary>Wakes the peer if it sleeps: at once, or, within a turn of the loop, at its end, for all that the turn has sent.</summary>
    internal void Flushed()
    {
        RingVisit visit = RingVisit.Begin(_id);
        if (_fault == Errno.None)
        {
            if (_inTurn && loop.IsCurrentThread)
            {
                _owesRinging = true;
            }
            else
            {
                Announce();
            }

            outgoing.PrepareAhead();
        }

        visit.End();
    }

    // ---- On the loop ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginTurn() => _inTurn = true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndTurn()
    {
        _inTurn = false;
        if (_owesRinging)
        {
            _owesRinging = false;

            // The turn may have ended the connection, and the memory with it.
            if (_fault == Errno.None)
            {
                Announce();
            }
        }
    }

    /// <summary>The peer has hung up: what is in the ring is final.</summary>
    internal void PeerHasGone() => _peerGone = true;

    /// <summary>From here on every receive and send fails. Any thread.</summary>
    internal void Sever()
    {
        if (_fault == Errno.None)
        {
            _fault = Errno.ConnectionReset;
        }
    }

    /// <summary>Gives memory and socket back, at once or as soon as the last thread has left them. After <see cref="Sever"/>, once.</summary>
    internal void Release()
    {
        if (RingVisit.IsUnderWay(_id))
        {
            _ = ReleaseLaterAsync();
        }
        else
        {
            Free();
        }
    }

    // Hardly ever: an application goes on on one thread after it has ended the connection on another. Not the loop's time.
    private async Task ReleaseLaterAsync()
    {
        do
        {
            await Task.Delay(1).ConfigureAwait(false);
        }
        while (RingVisit.IsUnderWay(_id));
        Free();
    }

    private void Free()
    {
        control.Dispose();
        region.Dispose();
    }

    private IoResult Take(Span<byte> buffer)
    {
        IoResult taken = incoming.Take(buffer);
        if (taken.WouldBlock)
        {
            return _peerGone ? LastLook(buffer) : taken;
        }

        if (incoming.OwesPublication)
        {
            Publish();
            if (incoming.HasComeRound)
            {
                // Only where nobody publishes any more: a dead peer whose last words make a circle must not be read for ever.
                _fault = Errno.ConnectionReset;
            }
        }

        return taken.Error == Errno.Protocol ? Fail(taken) : taken;
    }

    // What was committed before the peer went is there by now.
    private IoResult LastLook(Span<byte> buffer)
    {
        IoResult taken = incoming.Take(buffer);
        return taken.WouldBlock ? IoResult.Failed(Errno.ConnectionReset) : taken.Error == Errno.Protocol ? Fail(taken) : taken;
    }

    // Of one who has broken the protocol once, nothing is believed any more, in either direction.
    private IoResult Fail(IoResult violation)
    {
        _fault = Errno.Protocol;
        loop.WakeIfAsleep();
        return violation;
    }

    private void Announce()
    {
        if (outgoing.MustRing())
        {
            Ring();
        }
    }

    // Where it does not fit, others are on their way already.
    private void Ring() => _ = control.Send([Handshake.Bell]);
}
