using System.Diagnostics;
using System.Globalization;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Live;

/// <summary>A run told line by line where nobody watches a terminal: every second at first, later every ten.</summary>
internal sealed class PlainLines(TextWriter writer, string? name = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LaterPause = TimeSpan.FromSeconds(10);

    private readonly RequestRate _rate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private TimeSpan _next = FirstPause;

    public void Show(RunProgress progress) => Show(progress, Stopwatch.GetElapsedTime(_began));

    /// <param name="progress">How far the run has come.</param>
    /// <param name="elapsed">How long it has taken.</param>
    public void Show(RunProgress progress, TimeSpan elapsed)
    {
        if (elapsed < _next)
        {
            return;
        }

        _next = elapsed + (elapsed < LaterPause ? FirstPause : LaterPause);
        string which = name is null ? "" : $"{name}: ";
        writer.WriteLine(which + Describe(progress, _rate.Since(progress)));
    }

    private static string Describe(RunProgress progress, double rate)
    {
        string phase = progress.IsWarmUp ? "warming up: " : "";
        string latencies = progress.SoFar is LatencyRecorder soFar
            ? $", p50 {LatencyText.Of(soFar.At(Percentile.P50))}, p99 {LatencyText.Of(soFar.At(Percentile.P99))}, p99.9 {LatencyText.Of(soFar.At(Percentile.P999))}"
            : "";
        string left = progress.Left is TimeSpan time ? string.Create(CultureInfo.InvariantCulture, $", {Math.Ceiling(time.TotalSeconds):F0} s left") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{phase}{rate:N0} requests/s{latencies}, {progress.Failed:N0} errors{left}");
    }
}
