namespace LowLatency.Transports.PipeEnds;

/// <summary>Where a read that had to wait goes on: on the poll loop, or on the thread pool.</summary>
/// <remarks>
/// A feature of a polled connection, for an application that lives on the loop and has a longer piece of work now and then. The loop
/// knows that it has left, and does not hold the CPU that it needs. Changed by who reads, while no read is pending.
/// </remarks>
internal interface IReadContinuation
{
    /// <summary>Goes on inline, on the loop. Default: as the endpoint says.</summary>
    bool OnLoop { get; set; }
}
