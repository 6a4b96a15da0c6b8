using System.Diagnostics;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Live;

/// <summary>Requests a second between two looks at a run.</summary>
internal sealed class RequestRate
{
    private bool _wasWarmUp = true;
    private long _doneBefore;
    private long _lookedAt = Stopwatch.GetTimestamp();

    public double Since(RunProgress progress)
    {
        // Each phase counts from zero again.
        long before = progress.IsWarmUp == _wasWarmUp ? _doneBefore : 0;
        double rate = Math.Max(0, progress.Done - before) / Stopwatch.GetElapsedTime(_lookedAt).TotalSeconds;
        (_wasWarmUp, _doneBefore, _lookedAt) = (progress.IsWarmUp, progress.Done, Stopwatch.GetTimestamp());
        return rate;
    }
}
