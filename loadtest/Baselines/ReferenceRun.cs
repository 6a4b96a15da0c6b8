using LowLatency.LoadTest.Baselines.Servers;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Baselines;

/// <summary>Measures the cells of some rows, interleaved: every cell once a round, so that whatever the machine does meets all of them.</summary>
/// <remarks>The first round is a short one and counts for nothing: by its end, what compiles while it runs has been compiled.</remarks>
internal sealed class ReferenceRun(IReadOnlyList<Row> rows, int rounds, TimeSpan duration, TimeSpan warmUp)
{
    private readonly Cell[] _cells = [.. rows.SelectMany(row => row.Cells).Distinct()];

    /// <summary>The servers that are needed for it.</summary>
    public IEnumerable<Server> Servers => _cells.Select(cell => cell.Server).Distinct();

    /// <summary>Runs all rounds, or as many whole ones as there are until it is interrupted.</summary>
    /// <param name="fleet">The servers of all cells.</param>
    /// <param name="measurement">How a cell is measured.</param>
    /// <param name="watch">Called while a cell is measured, with what it is.</param>
    /// <param name="interrupted">Ends it early.</param>
    /// <returns>The rows, over the rounds that are complete.</returns>
    public IReadOnlyList<RowResult> Execute(Fleet fleet, CellMeasurement measurement, Action<RunProgress, string> watch, CancellationToken interrupted)
    {
        var measured = _cells.ToDictionary(cell => cell, _ => new List<CellFigures>());
        Round(warmUp > TimeSpan.Zero ? warmUp : duration, "warm-up");
        for (int round = 1; round <= rounds; round++)
        {
            if (Round(duration, $"round {round}/{rounds}") is not CellFigures[] figures)
            {
                break;
            }

            for (int index = 0; index < _cells.Length; index++)
            {
                measured[_cells[index]].Add(figures[index]);
            }
        }

        return [.. rows.Select(row => RowResult.Of(row, measured))];

        CellFigures[]? Round(TimeSpan time, string name)
        {
            var figures = new CellFigures[_cells.Length];
            for (int index = 0; index < _cells.Length; index++)
            {
                Cell cell = _cells[index];
                string prefix = $"{name}, {index + 1}/{_cells.Length} {cell}: ";
                figures[index] = measurement.Measure(cell, fleet[cell.Server], time, warmUp, progress => watch(progress, prefix), interrupted);
                if (interrupted.IsCancellationRequested)
                {
                    return null;
                }
            }

            return figures;
        }
    }
}
