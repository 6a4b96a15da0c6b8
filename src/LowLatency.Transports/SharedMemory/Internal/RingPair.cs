using System.Runtime.CompilerServices;
using LowLatency.Linux;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>The two rings of a connection as one side uses them, and the bell that wakes the other.</summary>
/// <remarks>The receiving half belongs to one thread at a time, and so does the sending half; they may be two threads.</remarks>
internal sealed class RingPair(RingConsumer incoming, RingProducer outgoing, StreamSocket control, PollLoop loop)
{
    private volatile bool _severed;
    private volatile bool _peerGone;

    // Both on the loop only.
    private bool _inTurn;
    private bool _owesRinging;

    internal RingConsumer Incoming => incoming;

    internal RingProducer Outgoing => outgoing;

    // ---- The receiving half ----

    internal IoResult Receive(Span<byte> buffer)
    {
        if (_severed)
        {
            return IoResult.Failed(Errno.ConnectionReset);
        }

        IoResult taken = incoming.Take(buffer);
        if (taken.WouldBlock)
        {
            return _peerGone ? LastLook(buffer) : taken;
        }

        if (incoming.OwesPublication)
        {
            Publish();
        }

        return taken;
    }

    /// <summary>Makes room for the peer, and wakes it if it waits for that.</summary>
    internal void Publish()
    {
        if (incoming.Publish())
        {
            Ring();
        }
    }

    // ---- The sending half ----

    internal IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn)
        => _severed || _peerGone ? IoResult.Failed(Errno.BrokenPipe) : outgoing.Write(bytes, messageGoesOn);

    internal bool TryEnd()
    {
        if (!_severed && !_peerGone)
        {
            if (!outgoing.TryEnd())
            {
                return outgoing.Violated;
            }

            Announce();
        }

        return true;
    }

    /// <summary>Wakes the peer if it sleeps: at once, or, within a turn of the loop, at its end, for all that the turn has sent.</summary>
    internal void Flushed()
    {
        if (_severed)
        {
            return;
        }

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
            if (!_severed)
            {
                Announce();
            }
        }
    }

    /// <summary>The peer has hung up: what is in the ring is final.</summary>
    internal void PeerHasGone() => _peerGone = true;

    /// <summary>From here on every receive and send fails, and the memory is not touched any more. Any thread.</summary>
    internal void Sever() => _severed = true;

    // What was committed before the peer went is there by now.
    private IoResult LastLook(Span<byte> buffer)
    {
        IoResult taken = incoming.Take(buffer);
        return taken.WouldBlock ? IoResult.Failed(Errno.ConnectionReset) : taken;
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
