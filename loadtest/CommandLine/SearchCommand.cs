using System.CommandLine;
using System.Globalization;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Searching;
using LowLatency.LoadTest.Thresholds;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>search</c>: the highest rate that holds every threshold.</summary>
internal sealed class SearchCommand
{
    private const string Description = """
        The highest rate at which every --threshold holds

        Doubles the rate until one does not hold, bisects, and confirms what it found over a longer window. A rate that the
        target cannot take does not hold, whatever the thresholds say. A miss is tried a second time before it counts.
        """;

    private const double DefaultFrom = 1_000;
    private const double DefaultMost = 10_000_000;
    private const double DefaultPrecisionPercent = 5;

    // A search is many runs: a tenth of the default for a single one, and thrice that to confirm.
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(1);
    private const int ConfirmTimes = 3;

    private readonly RunOptions _options = new();
    private readonly Option<Threshold[]> _thresholds = ThresholdOption.Create();
    private readonly Option<long?> _from = RunOptions.Count("--from", [], "The first rate to try (default 1k)");
    private readonly Option<long?> _most = RunOptions.Count("--most", [], "The highest rate to try (default 10M)");
    private readonly Option<double?> _precision = Percent("--precision", "How close to the limit, in percent (default 5)");
    private readonly Option<TimeSpan?> _confirm = RunOptions.Time("--confirm", [], "How long the confirming run is (default three times -d)");
    private readonly Option<long?> _connections = RunOptions.Count("--connections", ["-c"], "Connections (default 1)");
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private SearchCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var search = new SearchCommand(terminal, interrupted);
        var command = new Command("search", Description);
        search._options.AddTo(command, withLoad: false);
        foreach (Option option in (Option[])[search._thresholds, search._from, search._most, search._precision, search._confirm, search._connections])
        {
            command.Options.Add(option);
        }

        command.SetAction(search.Execute);
        return command;
    }
}
