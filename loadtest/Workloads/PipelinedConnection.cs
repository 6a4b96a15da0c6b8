using LowLatency.Linux;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>One connection with many requests under way, which are sent in batches and answered in order.</summary>
/// <remarks>
/// Replies are counted here and taken by the owner; a failure takes with it all that was under way, because what arrives
/// after it belongs to nobody any more. It receives before it sends: a server that cannot get rid of its replies reads no requests.
/// </remarks>
internal sealed class PipelinedConnection : Connection
{
    private const int MostBytesAtOnce = 256 * 1024;

    private readonly ConnectionParts _parts;

    // The request over and over, so that many of them are one send from anywhere within the first.
    private readonly byte[] _requests;
    private readonly RequestBatches _batches;
    private State _state = State.Closed;
    private long _unsent;
    private int _sentOfRequest;
    private int _receivedOfReply;
    private Outcome? _outcomeOfTheRest;

    public PipelinedConnection(ConnectionParts parts, int mostRequests)
        : base(parts)
    {
        _parts = parts;
        byte[] request = parts.Exchange.Request;
        int copies = parts.Exchange.SendsOneByOne ? 1 : 1 + Math.Min(mostRequests, MostBytesAtOnce / request.Length);
        _requests = new byte[copies * request.Length];
        for (int copy = 0; copy < copies; copy++)
        {
            request.CopyTo(_requests, copy * request.Length);
        }

        _batches = new RequestBatches(mostRequests);
    }

    private enum State
    {
        Closed,
        Opening,
        Open,
    }

    /// <summary>Replies that have arrived and have not been taken.</summary>
    public int Replies { get; private set; }

    /// <summary>Requests without a reply that was taken.</summary>
    public int Requests => _batches.Requests;

    public override bool IsOpening => _state == State.Opening;

    public override Outcome? Open()
    {
        WaitingSince = _parts.Clock.GetTimestamp();
        _state = State.Opening;
        return Connect();
    }

    /// <summary>Begins so many requests, on a new connection where there is none.</summary>
    public Outcome? Begin(int count, bool isMeasured)
    {
        long now = _parts.Clock.GetTimestamp();
        WaitingSince = _batches.Requests == 0 ? now : WaitingSince;
        _batches.Add(new RequestBatch(now, count, isMeasured));
        _unsent += (long)count * _parts.Exchange.Request.Length;
        if (_state == State.Open)
        {
            return Send();
        }

        Reason = Errno.None;
        _outcomeOfTheRest = null;
        _state = State.Opening;
        return Connect();
    }

    public override Outcome? Advance() => _state switch
    {
        State.Open => Receive() ?? (_unsent > 0 ? Send() : null),
        State.Opening => Connect(),
        _ => null,
    };

    /// <summary>Takes replies that belong to one batch; there must be some.</summary>
    public RequestBatch TakeReplies()
    {
        RequestBatch batch = _batches.Take(Replies);
        Replies -= batch.Count;
        WaitingSince = _batches.Requests > 0 ? _batches.Oldest.SentAt : WaitingSince;
        return batch;
    }

    /// <summary>Takes up to so many requests that will have no reply.</summary>
    public RequestBatch TakeUnanswered(int most) => _batches.Take(most);

    /// <summary>What those came to that had not even a part of a reply, when the oldest one came to <paramref name="failure"/>.</summary>
    public Outcome OutcomeOfTheRest(Outcome failure) => _outcomeOfTheRest ?? failure;

    public override Outcome Expire()
    {
        if (IsOpening)
        {
            Reason = Errno.TimedOut;
            return Outcome.ConnectError;
        }

        return Missing(Outcome.Timeout);
    }

    public override void Close()
    {
        base.Close();
        _state = State.Closed;
        _unsent = 0;
        _sentOfRequest = 0;
        _receivedOfReply = 0;
    }

    private Outcome? Connect()
    {
        if (!HasWire(out Outcome? failure) || !IsConnected(out failure))
        {
            return failure;
        }

        _state = State.Open;
        if (_unsent == 0)
        {
            return null;
        }

        // The wait for the connection is no latency.
        WaitingSince = _parts.Clock.GetTimestamp();
        _batches.OldestLeavesAt(WaitingSince);
        return Send();
    }

    private Outcome? Send()
    {
        while (_unsent > 0)
        {
            int length = (int)Math.Min(_unsent, _requests.Length - _sentOfRequest);
            IoResult result = Wire!.Send(_requests.AsSpan(_sentOfRequest, length));
            if (result.WouldBlock)
            {
                break;
            }

            if (!result.Succeeded)
            {
                return Fail(Outcome.WriteError, result.Error);
            }

            _unsent -= result.Count;
            _sentOfRequest = (_sentOfRequest + result.Count) % _parts.Exchange.Request.Length;
        }

        // Replies make room for what is left, unless not even the oldest request is out as a whole.
        bool awaitsReply = _unsent <= (long)(_batches.Requests - 1) * _parts.Exchange.Request.Length;
        WatchFor(awaitsReply ? Interest.Receiving : Interest.Sending);
        return null;
    }

    private Outcome? Receive()
    {
        byte[] buffer = _parts.Buffer;
        while (true)
        {
            IoResult result = Wire!.Receive(buffer);
            if (result.WouldBlock)
            {
                return null;
            }

            ReceivedAt = _parts.Clock.GetTimestamp();
            if (!result.Succeeded)
            {
                return Fail(Outcome.ReadError, result.Error);
            }

            if (result.Count == 0)
            {
                return Missing(Outcome.Eof);
            }

            if (!IsExpected(buffer.AsSpan(0, result.Count)))
            {
                return Outcome.BadReply;
            }

            if (result.Count < buffer.Length)
            {
                return null;
            }
        }
    }

    private bool IsExpected(ReadOnlySpan<byte> arrived)
    {
        ReadOnlySpan<byte> reply = _parts.Exchange.Reply;
        while (arrived.Length > 0)
        {
            if (Replies == _batches.Requests)
            {
                // More than was asked for: the last reply is to blame.
                Replies = Math.Max(0, Replies - 1);
                return false;
            }

            int length = Math.Min(reply.Length - _receivedOfReply, arrived.Length);
            if (!arrived[..length].SequenceEqual(reply.Slice(_receivedOfReply, length)))
            {
                return false;
            }

            _receivedOfReply += length;
            if (_receivedOfReply == reply.Length)
            {
                _receivedOfReply = 0;
                Replies++;
            }

            arrived = arrived[length..];
        }

        return true;
    }

    // Part of a reply and then nothing more is a reply with bytes missing; the others have nothing of theirs.
    private Outcome Missing(Outcome outcome)
    {
        _outcomeOfTheRest = outcome;
        return _receivedOfReply > 0 ? Outcome.BadReply : outcome;
    }
}
