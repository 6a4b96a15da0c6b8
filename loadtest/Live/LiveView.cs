using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;

namespace LowLatency.LoadTest.Live;

/// <summary>Shows a run while it lasts, on the thread that waits for it.</summary>
/// <remarks>It reads what the measuring threads have published, twice a second, and never makes them wait.</remarks>
internal static class LiveView
{
    /// <summary>Runs something and shows how it goes on.</summary>
    /// <param name="terminal">Where: a panel for a person, lines for a log.</param>
    /// <param name="isQuiet">Not at all.</param>
    /// <param name="workload">What is run.</param>
    /// <param name="name">Which one of several it is; <c>null</c> for the only one.</param>
    /// <param name="measure">Runs it, and tells the action that it is given how far it has come.</param>
    public static T Watch<T>(Terminal terminal, bool isQuiet, Workload workload, string? name, Func<Action<RunProgress>, T> measure)
    {
        if (isQuiet)
        {
            return measure(_ => { });
        }

        return terminal.ShowsProgress ? WatchLive(terminal.Error, workload, name, measure) : measure(new PlainLines(terminal.Error, name).Show);
    }

    private static T WatchLive<T>(TextWriter writer, Workload workload, string? name, Func<Action<RunProgress>, T> measure)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        var rate = new RequestRate();
        var nothingYet = new RunProgress(IsWarmUp: true, Done: 0, Failed: 0, workload.Requests, Left: null);

        // The report that follows says all of it again, so nothing is left of the panel.
        return console.Live(LivePanel.Draw(workload, name, nothingYet, 0)).AutoClear(true).Start(live =>
            measure(progress => live.UpdateTarget(LivePanel.Draw(workload, name, progress, rate.Since(progress)))));
    }
}
