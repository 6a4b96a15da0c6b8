namespace LowLatency.LoadTest.Measurement;

/// <summary>Whether a run measured what it was asked to measure.</summary>
/// <param name="Reasons">Why not, each in one line; none for a run that did.</param>
internal sealed record RunValidity(IReadOnlyList<string> Reasons)
{
    /// <summary>What a reader of its figures has to know although it did, each in one line.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public static readonly RunValidity Valid = new([]);

    public bool IsValid => Reasons.Count == 0;
}
