namespace LowLatency.LoadTest.Thresholds;

/// <summary>What a run has to say about a figure: its value, or why there is none.</summary>
internal readonly record struct Reading(double? Value, string? WhyNone)
{
    public static Reading Of(double value) => new(value, null);

    public static Reading None(string why) => new(null, why);
}
