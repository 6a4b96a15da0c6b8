namespace LowLatency.LoadTest.Baselines;

/// <summary>One line of the comparison: a figure of ours, and what it is compared with.</summary>
/// <param name="Name">How <c>--only</c> selects it.</param>
/// <param name="Title">How it is printed.</param>
/// <param name="Figure">The figure, of all cells of the row.</param>
/// <param name="Subject">What is judged.</param>
/// <param name="Yardsticks">What it is judged by.</param>
internal sealed record Row(string Name, string Title, Figure Figure, Cell Subject, params IReadOnlyList<Yardstick> Yardsticks)
{
    /// <summary>How many short rounds stand for one of the others. Default: 1.</summary>
    /// <remarks>
    /// Where a cache line's way between the CPUs decides, a machine may change its pace within a second: cells are measured in
    /// slices as close to each other as can be, and the ratio is the median of the slices' ratios instead of that of two medians.
    /// </remarks>
    public int Slices { get; init; } = 1;

    /// <summary>All that must be measured for it, in the order of a round.</summary>
    public IEnumerable<Cell> Cells => [Subject, .. Yardsticks.Select(yardstick => yardstick.Cell)];
}

/// <summary>What a row's subject is compared with: subject by yardstick is the ratio.</summary>
/// <param name="Cell">The other side.</param>
/// <param name="Bar">What the ratio has to hold; <c>null</c> where it is only shown.</param>
/// <param name="Figure">Its figure, where that is another than the row's.</param>
internal sealed record Yardstick(Cell Cell, Bar? Bar = null, Figure? Figure = null);
