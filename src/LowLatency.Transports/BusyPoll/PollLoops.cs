using LowLatency.Transports.Polling;
using Microsoft.Extensions.DependencyInjection;

namespace LowLatency.Transports.BusyPoll;

/// <summary>The poll loops of an application, seen from outside.</summary>
public static class PollLoops
{
    /// <summary>Ends when every loop has come round once more: not while a handler blocks one of them. For watchdogs; any thread.</summary>
    /// <param name="services">The application's services. Without loops among them it ends at once.</param>
    public static Task TurnAsync(IServiceProvider services) => services.GetService<PollLoopGroup>()?.TurnAsync() ?? Task.CompletedTask;
}
