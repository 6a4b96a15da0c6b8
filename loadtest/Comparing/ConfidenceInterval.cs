namespace LowLatency.LoadTest.Comparing;

/// <summary>Where a figure lies with a confidence of <see cref="Bootstrap.Confidence"/>.</summary>
internal readonly record struct ConfidenceInterval(double Low, double High)
{
    public bool Contains(double value) => value >= Low && value <= High;
}
