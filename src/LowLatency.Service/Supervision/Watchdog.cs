using System.Globalization;
using System.Numerics;
using LowLatency.Service.Hosting;
using LowLatency.Transports.BusyPoll;

namespace LowLatency.Service.Supervision;

/// <summary>Tells the service manager that the service lives, as long as its poll loops come round.</summary>
/// <remarks>A loop that a handler blocks keeps it silent: the manager then ends and restarts the service.</remarks>
internal static class Watchdog
{
    // A timer takes no less than a millisecond and no more than 49 days; nobody means the one or the other.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>How often the manager wants to hear of this process, at least; <c>null</c> when it does not.</summary>
    internal static TimeSpan? Period => Read(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"));

    internal static TimeSpan? Read(string? microseconds, string? process)
    {
        bool isForUs = string.IsNullOrEmpty(process) || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (!isForUs || !BigInteger.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger period) || period.IsZero)
        {
            return null;
        }

        return TimeSpan.FromMicroseconds((long)BigInteger.Clamp(period, (long)Shortest.TotalMicroseconds, (long)Longest.TotalMicroseconds));
    }

    /// <summary>Tells it twice a period, until cancelled. What goes wrong is logged: a watchdog must not end what it watches over.</summary>
    internal static async Task RunAsync(Action tell, TimeSpan period, IServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period / 2);
        try
        {
            do
            {
                await PollLoops.TurnAsync(services).WaitAsync(cancellationToken);
                tell();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The service has stopped.
        }
        catch (Exception exception)
        {
            Log.WatchdogFailed(logger, exception);
        }
    }
}
