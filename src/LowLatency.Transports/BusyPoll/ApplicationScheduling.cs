namespace LowLatency.Transports.BusyPoll;

/// <summary>Where the application runs when a message has come.</summary>
public enum ApplicationScheduling
{
    /// <summary>
    /// On the thread pool. Safe for any application; costs a hand-over to another thread per read, unless the peer sends again at once
    /// (<see cref="BusyPollTransportOptions.ThreadPoolSpinFor"/>), and wants a CPU beside the loop's: where there is none, the loop and
    /// the pool are in each other's way.
    /// </summary>
    ThreadPool,

    /// <summary>
    /// On the poll loop itself, which saves the hand-over. Whatever blocks or computes for long there stops every connection
    /// of the loop: only for handlers that are known to do neither. A client over shared memory that sleeps hears of a reply when the
    /// handler gives the loop back, as one wake-up serves all that a turn has sent.
    /// </summary>
    Inline,
}
