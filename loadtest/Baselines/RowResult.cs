namespace LowLatency.LoadTest.Baselines;

/// <summary>What a row came to over all rounds.</summary>
/// <param name="Row">The row.</param>
/// <param name="Rounds">The subject's figure in each round.</param>
/// <param name="Comparisons">The same beside each of its yardsticks.</param>
/// <param name="Failures">Requests that failed, in all cells of the row; their latencies count nowhere.</param>
/// <param name="Skipped">Why it was not measured; <c>null</c> when it was.</param>
internal sealed record RowResult(Row Row, IReadOnlyList<double?> Rounds, IReadOnlyList<Comparison> Comparisons, long Failures, string? Skipped = null)
{
    public double? Median => RoundStatistics.Median(Rounds);

    /// <summary>Some round had too few answers, or none, to carry the figure.</summary>
    public bool IsIncomplete => Skipped is null && (Median is null || Comparisons.Any(comparison => comparison.Median is null));

    public static RowResult Of(Row row, IReadOnlyDictionary<Cell, List<CellFigures>> measured)
    {
        IReadOnlyDictionary<Cell, List<CellFigures>> counting = row.Slices > 1 ? WithoutEmptySlices(row, measured) : measured;
        double?[] subject = Rounds(row.Figure, row.Subject);
        Comparison[] comparisons = [.. row.Yardsticks.Select(yardstick => new Comparison(
            yardstick, Rounds(yardstick.Figure ?? row.Figure, yardstick.Cell), subject, IsSliced: row.Slices > 1))];
        return new RowResult(row, subject, comparisons, row.Cells.Distinct().SelectMany(cell => measured[cell]).Sum(round => round.Failures));

        double?[] Rounds(Figure figure, Cell cell) => [.. counting[cell].Select(figures => figure.Of(figures))];
    }

    // A short slice may well have met the machine asleep; as long as it is not every other one, the rest stand for it.
    private static Dictionary<Cell, List<CellFigures>> WithoutEmptySlices(Row row, IReadOnlyDictionary<Cell, List<CellFigures>> measured)
    {
        int count = measured[row.Subject].Count;
        int[] full = [.. Enumerable.Range(0, count).Where(slice =>
            row.Figure.Of(measured[row.Subject][slice]) is not null
            && row.Yardsticks.All(yardstick => (yardstick.Figure ?? row.Figure).Of(measured[yardstick.Cell][slice]) is not null))];
        return row.Cells.Distinct().ToDictionary(
            cell => cell,
            cell => full.Length * 2 > count ? [.. full.Select(slice => measured[cell][slice])] : measured[cell]);
    }

    public static RowResult SkippedFor(Row row, string reason)
        => new(row, [], [.. row.Yardsticks.Select(yardstick => new Comparison(yardstick, [], []))], Failures: 0, reason);
}
