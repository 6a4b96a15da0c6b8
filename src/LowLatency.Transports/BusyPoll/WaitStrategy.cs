namespace LowLatency.Transports.BusyPoll;

/// <summary>What a poll loop does when there is nothing to do: how much CPU it trades for how much latency.</summary>
public enum WaitStrategy
{
    /// <summary>Looks again at once, for ever. Least latency at any time; takes a whole CPU per loop, also without traffic.</summary>
    /// <remarks>
    /// Where the process has less than one CPU more than loops, all of them block, and one line of the log says so; with one more only, a loop
    /// that hands its messages to the thread pool leaves the CPU to it between them. So does <see cref="Adaptive"/>.
    /// </remarks>
    BusySpin,

    /// <summary>
    /// Looks again while traffic is recent (<see cref="BusyPollTransportOptions.SpinFor"/>), then sleeps in the kernel until
    /// something comes. The first message after a pause pays for the wake-up; a CPU is taken only while there is traffic.
    /// </summary>
    Adaptive,

    /// <summary>Sleeps whenever there is nothing to do. Takes no CPU of its own; every message pays for a wake-up.</summary>
    Blocking,
}
