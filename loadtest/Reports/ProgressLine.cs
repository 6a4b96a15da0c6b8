using System.Diagnostics;
using System.Globalization;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Reports;

/// <summary>One line on a terminal that is written over again and again while a run lasts.</summary>
internal sealed class ProgressLine(TextWriter terminal)
{
    private const string ClearToEndOfLine = "\u001b[K";

    private bool _wasWarmUp = true;
    private bool _isShown;
    private long _doneBefore;
    private long _shownAt = Stopwatch.GetTimestamp();

    public void Show(RunProgress progress) => Show(progress, "");

    /// <param name="progress">How far the run has come.</param>
    /// <param name="prefix">Which one of several it is.</param>
    public void Show(RunProgress progress, string prefix)
    {
        // Each phase counts from zero again, and so does the next run on the same line.
        bool hasRestarted = progress.IsWarmUp != _wasWarmUp || progress.Done < _doneBefore;
        _doneBefore = hasRestarted ? 0 : _doneBefore;
        _wasWarmUp = progress.IsWarmUp;
        double rate = (progress.Done - _doneBefore) / Stopwatch.GetElapsedTime(_shownAt).TotalSeconds;
        _doneBefore = progress.Done;
        _shownAt = Stopwatch.GetTimestamp();
        Show(prefix + Describe(progress, rate));
    }

    /// <summary>Shows what goes on where there is no run to tell of.</summary>
    public void Show(string text)
    {
        terminal.Write($"\r{text}{ClearToEndOfLine}");
        terminal.Flush();
        _isShown = true;
    }

    public void Clear()
    {
        if (_isShown)
        {
            terminal.Write($"\r{ClearToEndOfLine}");
        }
    }

    private static string Describe(RunProgress progress, double rate)
    {
        string phase = progress.IsWarmUp ? "warming up: " : "";
        string of = progress is { IsWarmUp: false, Requests: long requests } ? string.Create(CultureInfo.InvariantCulture, $" of {requests:N0}") : "";
        string failed = progress.Failed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {progress.Failed:N0} failed") : "";
        string left = progress.Left is TimeSpan time ? string.Create(CultureInfo.InvariantCulture, $", {time.TotalSeconds:F0} s left") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{phase}{rate:N0} requests/s, {progress.Done:N0}{of} done{failed}{left}");
    }
}
