using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>One connection with at most one request under way. The hot path of the tester.</summary>
/// <remarks>
/// <para>
/// A state machine that its worker's thread moves by <see cref="Begin"/> and <see cref="Advance"/>; <c>null</c> means that
/// the request is still under way. It never waits, and while the connection lasts it allocates nothing.
/// </para>
/// <para>
/// The first send doubles as the question whether the connect has succeeded, which saves a system call per connection.
/// After a failure the owner closes the connection: what else may arrive on it belongs to no request.
/// </para>
/// </remarks>
internal sealed class ClientConnection(Exchange exchange, IConnector connector, IReadiness readiness, int index, byte[] buffer)
{
    /// <summary>Requests between two looks for what nobody asked for, where a look is a system call.</summary>
    /// <remarks>
    /// The receive of a reply has taken all that was there. What comes after it is found by the next one's, as bytes too many or
    /// as the wrong ones; only a whole reply too many could pass for the next, and that is what the looks in between are for.
    /// </remarks>
    internal const int RequestsBetweenLooks = 64;

    private IWire? _wire;
    private State _state = State.Closed;
    private Interest _watchedFor = Interest.Nothing;
    private int _sent;
    private int _received;
    private int _requestsUntilLook;

    private enum State
    {
        Closed,
        Opening,
        OpeningToSend,
        Sending,
        Receiving,
        Idle,
    }

    private enum Interest
    {
        Nothing,
        Sending,
        Receiving,
    }

    /// <summary>When the latency of the last request began.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When its last bytes were received.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>What the time limit counts from: the connect, then the send, if those are timed apart.</summary>
    public long WaitingSince { get; private set; }

    /// <summary>The system's error behind the last failure, if it was one.</summary>
    public Errno Reason { get; private set; }

    public bool WasEstablished { get; private set; }

    public bool IsOpening => _state is State.Opening or State.OpeningToSend;

    /// <summary>Connects without sending anything; <see cref="IsOpening"/> ends when it is connected or has failed.</summary>
    public Outcome? Open()
    {
        WaitingSince = Stopwatch.GetTimestamp();
        _state = State.Opening;
        return Connect();
    }

    /// <summary>Begins a request, on a new connection where there is none.</summary>
    public Outcome? Begin()
    {
        _sent = 0;
        _received = 0;
        Reason = Errno.None;
        if (_state == State.Closed)
        {
            StartedAt = Stopwatch.GetTimestamp();
            WaitingSince = StartedAt;
            _state = State.OpeningToSend;
            return Connect();
        }

        if (--_requestsUntilLook < 0 && SomethingArrivedUnasked() is Outcome failure)
        {
            return failure;
        }

        _state = State.Sending;
        StartedAt = Stopwatch.GetTimestamp();
        WaitingSince = StartedAt;
        return Send();
    }

    /// <summary>Goes on after the readiness of the wire, or just in case: a look in vain changes nothing.</summary>
    public Outcome? Advance() => _state switch
    {
        State.Receiving => Receive(),
        State.Sending => Send(),
        State.Opening or State.OpeningToSend => Connect(),
        _ => null,
    };

    /// <summary>What a request that has run out of time came to.</summary>
    public Outcome Expire()
    {
        if (IsOpening)
        {
            Reason = Errno.TimedOut;
            return Outcome.ConnectError;
        }

        // Part of a reply and then silence is a reply with bytes missing.
        return _received > 0 ? Outcome.BadReply : Outcome.Timeout;
    }

    public void Close()
    {
        _wire?.Dispose();
        _wire = null;
        _state = State.Closed;
        _watchedFor = Interest.Nothing;
        _requestsUntilLook = 0;
    }

    private Outcome? Connect()
    {
        if (_wire is null)
        {
            switch (connector.TryConnect(out _wire))
            {
                case Errno.None:
                    break;
                case Errno.Again:
                    return null;
                case var error:
                    return Fail(Outcome.ConnectError, error);
            }
        }

        if (_state == State.OpeningToSend)
        {
            return Send();
        }

        IoResult probe = _wire!.Send([]);
        if (probe.WouldBlock)
        {
            WatchFor(Interest.Sending);
            return null;
        }

        if (!probe.Succeeded)
        {
            return Fail(Outcome.ConnectError, probe.Error);
        }

        WasEstablished = true;
        _state = State.Idle;
        return null;
    }

    private Outcome? Send()
    {
        if (_state == State.OpeningToSend && !exchange.TimesConnect)
        {
            // Only the try that gets through counts: the wait for the connection is no latency here.
            StartedAt = Stopwatch.GetTimestamp();
        }

        ReadOnlySpan<byte> request = exchange.Request;
        while (true)
        {
            IoResult result = _wire!.Send(request[_sent..]);
            if (!result.Succeeded)
            {
                return SendingFailed(result.Error);
            }

            WasEstablished = true;
            _state = State.Sending;
            _sent += result.Count;
            if (_sent == request.Length)
            {
                _state = State.Receiving;
                WatchFor(Interest.Receiving);
                return null;
            }
        }
    }

    private Outcome? SendingFailed(Errno error)
    {
        if (error == Errno.Again)
        {
            WatchFor(Interest.Sending);
            return null;
        }

        // A refused connect fails in its own way; these two come from a peer that had accepted.
        bool hadConnected = _state == State.Sending || error is Errno.ConnectionReset or Errno.BrokenPipe;
        return Fail(hadConnected ? Outcome.WriteError : Outcome.ConnectError, error);
    }

    private Outcome? Receive()
    {
        ReadOnlySpan<byte> reply = exchange.Reply;
        while (true)
        {
            IoResult result = _wire!.Receive(buffer);
            if (result.WouldBlock)
            {
                return null;
            }

            ReceivedAt = Stopwatch.GetTimestamp();
            if (!result.Succeeded)
            {
                return Fail(Outcome.ReadError, result.Error);
            }

            if (result.Count == 0)
            {
                return _received > 0 ? Outcome.BadReply : Outcome.Eof;
            }

            // More than is missing makes a difference in length, and so does not compare equal either.
            ReadOnlySpan<byte> arrived = buffer.AsSpan(0, result.Count);
            int upTo = Math.Min(reply.Length, _received + arrived.Length);
            if (!arrived.SequenceEqual(reply[_received..upTo]))
            {
                return Outcome.BadReply;
            }

            _received = upTo;
            if (_received == reply.Length)
            {
                _state = State.Idle;
                return Outcome.Ok;
            }
        }
    }

    // A reply that nobody asked for would otherwise be taken for the next one's, and a very quick one at that.
    private Outcome? SomethingArrivedUnasked()
    {
        _requestsUntilLook = _wire!.LooksAreCheap ? 0 : RequestsBetweenLooks;
        IoResult result = _wire.Receive(buffer);
        return result switch
        {
            { WouldBlock: true } => null,
            { Succeeded: false } => Fail(Outcome.ReadError, result.Error),
            { Count: 0 } => Outcome.Eof,
            _ => Outcome.BadReply,
        };
    }

    private void WatchFor(Interest interest)
    {
        if (_watchedFor == Interest.Nothing)
        {
            readiness.Add(_wire!, index, interest == Interest.Sending);
        }
        else if (_watchedFor != interest)
        {
            readiness.Change(_wire!, index, interest == Interest.Sending);
        }

        _watchedFor = interest;
    }

    private Outcome Fail(Outcome outcome, Errno reason)
    {
        Reason = reason;
        return outcome;
    }
}
