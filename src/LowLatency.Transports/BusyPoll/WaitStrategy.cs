namespace LowLatency.Transports.BusyPoll;

/// <summary>What a poll loop does when there is nothing to do: how much CPU it trades for how much latency.</summary>
public enum WaitStrategy
{
    /// <summary>Looks again at once, for ever. Least latency at any time; takes a whole CPU per loop, also without traffic.</summary>
    BusySpin,

    /// <summary>
    /// Looks again while traffic is recent (<see cref="BusyPollTransportOptions.SpinFor"/>), then sleeps in the kernel until
    /// something comes. The first message after a pause pays for the wake-up; a CPU is taken only while there is traffic.
    /// </summary>
    Adaptive,

    /// <summary>Sleeps whenever there is nothing to do. Takes no CPU of its own; every message pays for a wake-up.</summary>
    Blocking,
}
