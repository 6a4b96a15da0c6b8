using System.Diagnostics;

namespace LowLatency.LoadTest.Workloads;

/// <summary>Tells, request by request on one connection of an open loop, how much of a late send is the tester's doing.</summary>
/// <remarks>
/// <para>
/// A request may be late because the tester turned to it late, or because its connection was still busy. The second is the
/// target's part - unless the connection would have been free earlier, had the tester been in time with the requests before.
/// So a tester that was not run for a while is late with everything that has queued up meanwhile, and not with one request
/// per connection.
/// </para>
/// <para>All times are in Stopwatch ticks. A struct of the hot path: some subtractions for each request.</para>
/// </remarks>
internal struct TesterDelay
{
    // What passes between a reply and the next send. Handed on from request to request it would add up to a stall that never was.
    private static readonly long InTime = Stopwatch.Frequency / 1_000_000;

    private long _handedOn;

    /// <summary>Takes note of a request that has just begun.</summary>
    /// <param name="intendedAt">When it was to be sent.</param>
    /// <param name="freeSince">Since when there was a connection for it.</param>
    /// <param name="begunAt">When the tester turned to it.</param>
    /// <returns>How much earlier it could have been sent, but for the tester.</returns>
    public long Begin(long intendedAt, long freeSince, long begunAt)
    {
        long own = Math.Max(0, begunAt - Math.Max(intendedAt, freeSince));
        long inherited = Math.Clamp(freeSince - intendedAt, 0, _handedOn);
        _handedOn = inherited + (own < InTime ? 0 : own);
        return own + inherited;
    }

    /// <summary>Takes note of a reply that may have lain there for so long, since nobody looked.</summary>
    public void HasOverlooked(long ticks) => _handedOn += ticks;
}
