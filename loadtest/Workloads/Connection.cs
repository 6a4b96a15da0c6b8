using LowLatency.Linux;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>What every connection of a worker has, however many requests are under way on it: it opens, it is watched, it closes.</summary>
/// <remarks>
/// A state machine that its worker's thread moves; <c>null</c> for an outcome means that what is under way still is. It never
/// waits, and while the connection lasts it allocates nothing.
/// </remarks>
internal abstract class Connection(ConnectionParts parts)
{
    private Interest _watchedFor = Interest.Nothing;

    protected enum Interest
    {
        Nothing,
        Sending,
        Receiving,
    }

    /// <summary>When the last bytes were received.</summary>
    public long ReceivedAt { get; protected set; }

    /// <summary>What the time limit counts from: the connect, then the send, if those are timed apart.</summary>
    public long WaitingSince { get; protected set; }

    /// <summary>The system's error behind the last failure, if it was one.</summary>
    public Errno Reason { get; protected set; }

    /// <summary>What there is to say about it beyond its number.</summary>
    public string? Refusal { get; private set; }

    public bool WasEstablished { get; protected set; }

    public abstract bool IsOpening { get; }

    protected IWire? Wire { get; private set; }

    /// <summary>Connects without sending anything; <see cref="IsOpening"/> ends when it is connected or has failed.</summary>
    public abstract Outcome? Open();

    /// <summary>Goes on after the readiness of the wire, or just in case: a look in vain changes nothing.</summary>
    public abstract Outcome? Advance();

    /// <summary>What a request that has run out of time came to.</summary>
    public abstract Outcome Expire();

    public virtual void Close()
    {
        Wire?.Dispose();
        Wire = null;
        _watchedFor = Interest.Nothing;
    }

    /// <summary>Gets a wire, connected or about to be.</summary>
    /// <returns>Whether there is one; else <paramref name="failure"/> says why, or nothing when it is to be tried again.</returns>
    protected bool HasWire(out Outcome? failure)
    {
        failure = null;
        if (Wire is not null)
        {
            return true;
        }

        Errno error = parts.Connector.TryConnect(out IWire? wire);
        Wire = wire;
        failure = error is Errno.None or Errno.Again ? null : Fail(Outcome.ConnectError, error);
        return error == Errno.None;
    }

    /// <summary>Whether the wire is connected by now.</summary>
    /// <param name="failure">Why it never will be; <c>null</c> when it may.</param>
    protected bool IsConnected(out Outcome? failure)
    {
        IoResult probe = Wire!.Send([]);
        failure = null;
        if (probe.WouldBlock)
        {
            WatchToSend();
            return false;
        }

        if (!probe.Succeeded)
        {
            failure = Fail(Outcome.ConnectError, probe.Error);
            return false;
        }

        WasEstablished = true;
        return true;
    }

    /// <summary>Watches for what lets a send go on that failed with <see cref="Errno.Again"/>.</summary>
    protected void WatchToSend() => WatchFor(Wire!.AwaitsBytes ? Interest.Receiving : Interest.Sending);

    protected void WatchFor(Interest interest)
    {
        if (_watchedFor == Interest.Nothing)
        {
            parts.Readiness.Add(Wire!, parts.Index, interest == Interest.Sending);
        }
        else if (_watchedFor != interest)
        {
            parts.Readiness.Change(Wire!, parts.Index, interest == Interest.Sending);
        }

        _watchedFor = interest;
    }

    protected Outcome Fail(Outcome outcome, Errno reason)
    {
        Reason = reason;
        Refusal = Wire?.Refusal;
        return outcome;
    }
}
