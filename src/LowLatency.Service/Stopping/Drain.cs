using System.Diagnostics;
using LowLatency.Service.Endpoints;
using LowLatency.Service.Hosting;
using LowLatency.Transports;

namespace LowLatency.Service.Stopping;

/// <summary>The end of the fast endpoints: accepts no more, answers what has arrived, and lets the peers go.</summary>
/// <remarks>
/// A connection ends by a FIN behind its last reply. It is kept until the peer has ended as well, or a little while has passed:
/// a reset, which a request on its way would meet otherwise, could overtake the reply.
/// </remarks>
internal sealed class Drain(OpenEndpoints open, ConnectionLimit slots, TimeSpan longest, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // A loop that is free does it at once.
    private const int UnbindsWithin = 4;

    // What the rest of the stop gets, however long this took.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Ends them all, by force when the time is over.</summary>
    /// <returns>What is left of the time.</returns>
    internal async Task<TimeSpan> RunAsync()
    {
        Log.Draining(logger, longest);
        long started = Stopwatch.GetTimestamp();
        try
        {
            await open.UnbindAsync().WaitAsync(longest / UnbindsWithin);
        }
        catch (TimeoutException)
        {
            // Code of the application blocks a loop: its connections are cut off below. Those of other loops have their time.
        }

        open.AskToLeave();

        // A slot is given back when the descriptor is closed: that is later than the end of what served the connection.
        while (slots.Count > 0 && Stopwatch.GetElapsedTime(started) < longest)
        {
            await Task.Delay(Pause);
        }

        if (open.Connections is int stuck and > 0)
        {
            Log.CutOff(logger, stuck, longest);
            open.Abort();
        }

        TimeSpan left = longest - Stopwatch.GetElapsedTime(started);
        return left > Least ? left : Least;
    }
}
