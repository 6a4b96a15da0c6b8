using LowLatency.Linux;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>One connection with at most one request under way. The hot path of the tester.</summary>
/// <remarks>
/// The first send doubles as the question whether the connect has succeeded, which saves a system call per connection.
/// After a failure the owner closes the connection: what else may arrive on it belongs to no request.
/// </remarks>
internal sealed class ClientConnection(ConnectionParts parts) : Connection(parts)
{
    /// <summary>Requests between two looks for what nobody asked for, where a look is a system call.</summary>
    /// <remarks>
    /// The receive of a reply has taken all that was there. What comes after it is found by the next one's, as bytes too many or
    /// as the wrong ones; only a whole reply too many could pass for the next, and that is what the looks in between are for.
    /// </remarks>
    internal const int RequestsBetweenLooks = 64;

    private readonly Exchange _exchange = parts.Exchange;
    private readonly byte[] _buffer = parts.Buffer;
    private readonly TimeProvider _clock = parts.Clock;
    private State _state = State.Closed;
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

    /// <summary>When the latency of the last request began.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When its send began: later than <see cref="StartedAt"/> where the connect is timed.</summary>
    public long SentAt { get; private set; }

    /// <summary>When the first bytes of its reply were received.</summary>
    public long FirstReceivedAt { get; private set; }

    public override bool IsOpening => _state is State.Opening or State.OpeningToSend;

    public override Outcome? Open()
    {
        WaitingSince = _clock.GetTimestamp();
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
            StartedAt = _clock.GetTimestamp();
            WaitingSince = StartedAt;
            _state = State.OpeningToSend;
            return Connect();
        }

        if (--_requestsUntilLook < 0 && SomethingArrivedUnasked() is Outcome failure)
        {
            return failure;
        }

        _state = State.Sending;
        SentAt = _clock.GetTimestamp();
        StartedAt = SentAt;
        WaitingSince = SentAt;
        return Send();
    }

    public override Outcome? Advance() => _state switch
    {
        State.Receiving => Receive(),
        State.Sending => Send(),
        State.Opening or State.OpeningToSend => Connect(),
        _ => null,
    };

    public override Outcome Expire()
    {
        if (IsOpening)
        {
            Reason = Errno.TimedOut;
            return Outcome.ConnectError;
        }

        // Part of a reply and then silence is a reply with bytes missing.
        return _received > 0 ? Outcome.BadReply : Outcome.Timeout;
    }

    public override void Close()
    {
        base.Close();
        _state = State.Closed;
        _requestsUntilLook = 0;
    }

    private Outcome? Connect()
    {
        if (!HasWire(out Outcome? failure))
        {
            return failure;
        }

        if (_state == State.OpeningToSend)
        {
            return Send();
        }

        if (!IsConnected(out failure))
        {
            return failure;
        }

        _state = State.Idle;
        return null;
    }

    private Outcome? Send()
    {
        if (_state == State.OpeningToSend)
        {
            // Only the try that gets through counts: the wait for the connection is no latency unless that is asked for.
            SentAt = _clock.GetTimestamp();
            StartedAt = _exchange.TimesConnect ? StartedAt : SentAt;
        }

        ReadOnlySpan<byte> request = _exchange.Request;
        while (true)
        {
            IoResult result = Wire!.Send(request[_sent..]);
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
            WatchToSend();
            return null;
        }

        // A refused connect fails in its own way; these two come from a peer that had accepted.
        bool hadConnected = _state == State.Sending || error is Errno.ConnectionReset or Errno.BrokenPipe;
        return Fail(hadConnected ? Outcome.WriteError : Outcome.ConnectError, error);
    }

    private Outcome? Receive()
    {
        ReadOnlySpan<byte> reply = _exchange.Reply;
        while (true)
        {
            IoResult result = Wire!.Receive(_buffer);
            if (result.WouldBlock)
            {
                return null;
            }

            ReceivedAt = _clock.GetTimestamp();
            if (!result.Succeeded)
            {
                return Fail(Outcome.ReadError, result.Error);
            }

            if (result.Count == 0)
            {
                return _received > 0 ? Outcome.BadReply : Outcome.Eof;
            }

            // More than is missing makes a difference in length, and so does not compare equal either.
            ReadOnlySpan<byte> arrived = _buffer.AsSpan(0, result.Count);
            int upTo = Math.Min(reply.Length, _received + arrived.Length);
            if (!arrived.SequenceEqual(reply[_received..upTo]))
            {
                return Outcome.BadReply;
            }

            FirstReceivedAt = _received == 0 ? ReceivedAt : FirstReceivedAt;
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
        _requestsUntilLook = Wire!.LooksAreCheap ? 0 : RequestsBetweenLooks;
        IoResult result = Wire.Receive(_buffer);
        return result switch
        {
            { WouldBlock: true } => null,
            { Succeeded: false } => Fail(Outcome.ReadError, result.Error),
            { Count: 0 } => Outcome.Eof,
            _ => Outcome.BadReply,
        };
    }
}
