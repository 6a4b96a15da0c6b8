using LowLatency.LoadTest.Thresholds;

namespace LowLatency.LoadTest.Reports;

/// <summary>A threshold and what became of it. Times are in nanoseconds, shares parts of one.</summary>
internal sealed record ThresholdDocument(string Threshold, double Bound, double? Actual, bool Held, string? Reason)
{
    public static ThresholdDocument Of(ThresholdVerdict verdict)
        => new(verdict.Threshold.Text, verdict.Threshold.Bound, verdict.Actual, verdict.IsHeld, verdict.WhyNone);
}
