using System.Globalization;
using LowLatency.Transports.BusyPoll;

namespace LowLatency.Service.Supervision;

/// <summary>Tells the service manager that the service lives, as long as its poll loops come round.</summary>
/// <remarks>A loop that a handler blocks keeps it silent: the manager then ends and restarts the service.</remarks>
internal static class Watchdog
{
    /// <summary>How often the manager wants to hear of this process, at least; <c>null</c> when it does not.</summary>
    internal static TimeSpan? Period
    {
        get
        {
            string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
            bool isForUs = string.IsNullOrEmpty(process) || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            return isForUs && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long period) && period > 1
                ? TimeSpan.FromMicroseconds(period)
                : null;
        }
    }

    /// <summary>Tells it twice a period, until cancelled.</summary>
    internal static async Task RunAsync(ServiceManager manager, TimeSpan period, IServiceProvider services, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period / 2);
        try
        {
            do
            {
                await PollLoops.TurnAsync(services).WaitAsync(cancellationToken);
                manager.Tell(ServiceManager.Alive);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The service has stopped.
        }
    }
}
