namespace LowLatency.LoadTest.Comparing;

/// <summary>What a comparison says of B.</summary>
internal enum Verdict
{
    /// <summary>Not that there is none: that these runs show none.</summary>
    NoDifferenceShown,

    Faster,

    Slower,
}

internal static class Verdicts
{
    public static string Name(this Verdict verdict) => verdict switch
    {
        Verdict.NoDifferenceShown => "no difference shown",
        Verdict.Faster => "faster",
        Verdict.Slower => "slower",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };
}
