namespace LowLatency.LoadTest.Searching;

/// <summary>Where a search begins, and how far it goes.</summary>
/// <param name="From">The first rate, a second.</param>
/// <param name="Most">No rate above is tried.</param>
/// <param name="Precision">How close the rate that holds and the one that does not must come, as a share.</param>
internal sealed record SearchBounds(double From, double Most, double Precision)
{
    /// <summary>No rate below is tried. Default: one request a second.</summary>
    public double Least { get; init; } = 1;

    /// <summary>A server that answers differently each time would be asked for ever.</summary>
    public int MostTrials { get; init; } = 100;
}
