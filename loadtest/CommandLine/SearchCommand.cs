using System.CommandLine;
using System.Globalization;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Searching;
using LowLatency.LoadTest.ServerSide;
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
        No rate is tried at which a run of -d would be too short for the thresholds' percentiles.

          loadtest search --threshold "p99.9<100us" --threshold errors==0
        """;

    private const double DefaultFrom = 1_000;
    private const double DefaultMost = 10_000_000;
    private const double DefaultPrecisionPercent = 5;

    // A search is many runs: a tenth of the default for a single one, and thrice that to confirm.
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(1);
    private const int ConfirmTimes = 3;

    private readonly RunOptions _options = new();
    private readonly SeriesOptions _series = new();
    private readonly Option<Threshold[]> _thresholds = ThresholdOption.Create();
    private readonly Option<long?> _from = RunOptions.Count("--from", [], "The first rate to try (default 1k, or what the thresholds' percentiles need)");
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
        search._options.Duration.Description = $"How long each run measures (default {DefaultDuration.TotalSeconds}s)";
        search._options.AddTo(command, without: RunParts.Load | RunParts.Output);
        search._series.AddTo(command);
        foreach (Option option in (Option[])[search._thresholds, search._from, search._most, search._precision, search._confirm, search._connections])
        {
            command.Options.Add(option);
        }

        command.SetAction(search.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        Threshold[] thresholds = parsed.GetValue(_thresholds) ?? [];
        if (thresholds.Length == 0)
        {
            throw new UsageException("--threshold: missing; a search needs to know what must hold, such as --threshold \"p99<100us\"");
        }

        TimeSpan duration = parsed.GetValue(_options.Duration) ?? DefaultDuration;
        SearchBounds bounds = ReadBounds(parsed, thresholds, duration);
        SeriesOutputs outputs = _series.Outputs(parsed);

        // Read once before the first run, so that a mistake is told before anything is measured.
        TimeSpan confirm = parsed.GetValue(_confirm) ?? duration * ConfirmTimes;
        Workload workload = _options.Read(parsed, new Load(parsed.GetValue(_connections), bounds.From)) with { Duration = duration };
        var search = new RateSearch(bounds);
        var series = new RunSeries(new WorkloadRunner(_terminal, _series.IsQuiet(parsed), thresholds, _interrupted));
        Drive(search, series, workload, confirm, _series.SidecarFor(parsed, workload), outputs.Json.IsStandardOutput ? TextWriter.Null : _terminal.Out);

        outputs.Write(series.Results, MachineEnvironment.Read([.. parsed.Tokens.Select(token => token.Value)]), _terminal.Out);
        return Tell(search, workload, thresholds, series, outputs.Json.IsStandardOutput);
    }

    private SearchBounds ReadBounds(ParseResult parsed, Threshold[] thresholds, TimeSpan duration)
    {
        Threshold hungriest = thresholds.MaxBy(threshold => threshold.Figure.SmallestSample)!;
        double least = Math.Max(1, hungriest.Figure.SmallestSample / duration.TotalSeconds);
        double most = parsed.GetValue(_most) ?? DefaultMost;
        double from = parsed.GetValue(_from) ?? Math.Min(Math.Max(DefaultFrom, least), most);
        foreach ((string name, double rate) in (ReadOnlySpan<(string, double)>)[("--most", most), ("--from", from)])
        {
            if (rate < least)
            {
                throw new UsageException(
                    $"{name}: {LatencyText.Count(rate)} is not allowed; allowed: at least {LatencyText.Count(Math.Ceiling(least))}, or a longer -d: "
                    + $"{hungriest.Text} wants {LatencyText.Count(hungriest.Figure.SmallestSample)} requests in {duration.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
            }
        }

        return from <= most
            ? new SearchBounds(from, most, (parsed.GetValue(_precision) ?? DefaultPrecisionPercent) / 100) { Least = least }
            : throw new UsageException($"--from: {from} is not allowed; allowed: at most --most, {most}");
    }

    private static void Drive(RateSearch search, RunSeries series, Workload workload, TimeSpan confirm, Sidecar? sidecar, TextWriter steps)
    {
        while (search.Next is SearchTrial trial)
        {
            bool isConfirming = trial.Phase == SearchPhase.Confirm;
            string phase = trial.Phase.ToString().ToLowerInvariant();
            string name = $"{LatencyText.Count(trial.Rate)}/s, {phase}";
            Workload step = workload with
            {
                Rate = trial.Rate,
                Duration = isConfirming ? confirm : workload.Duration,
                Label = workload.Label is null ? name : $"{workload.Label}, {name}",
            };
            if (series.TryRun(step, sidecar, $"run {series.Results.Count + 1}, {phase}") is not RunResult result)
            {
                return;
            }

            string[] missed = WhyMissed(result);
            search.Report(held: missed.Length == 0);
            string mark = missed.Length == 0 ? "held" : $"missed: {string.Join("; ", missed)}";
            steps.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{trial.Rate,12:N0}/s  {phase,-8}{mark}"));
            if (result.Server?.Warning is string warning)
            {
                steps.WriteLine($"{"",16}warning: {warning}");
            }
        }
    }

    /// <summary>Each threshold that does not hold, and why the run is none at all where it is not valid.</summary>
    private static string[] WhyMissed(RunResult result) =>
    [
        .. result.Verdicts.Where(verdict => !verdict.IsHeld).Select(verdict => $"{verdict.Threshold.Text} ({verdict.Explanation})"),
        .. result.Validity.Reasons,
    ];

    private int Tell(RateSearch search, Workload workload, Threshold[] thresholds, RunSeries series, bool isSilent)
    {
        IReadOnlyList<RunResult> results = series.Results;
        string objective = string.Join(" and ", thresholds.Select(threshold => threshold.Text));
        if (_interrupted.IsCancellationRequested || series.Failure is not null)
        {
            string ending = series.Failure ?? "interrupted";
            _terminal.Error.WriteLine($"loadtest: {ending}; until then {SoFar(search, objective)}");
            return series.Failure is null ? ExitCode.Interrupted : ExitCode.CouldNotRun;
        }

        if (results.All(result => result.Outcomes[Outcome.Ok] == 0))
        {
            _terminal.Error.WriteLine($"loadtest: {workload.Target} answered nothing as expected; --expect tells the tester what to expect");
            return ExitCode.CouldNotRun;
        }

        if (search.Found is double found)
        {
            string limit = search.Ending == SearchEnding.HeldAtTheMost
                ? "the highest that was to be tried (--most); the limit is above"
                : $"{LatencyText.Count(search.LowestMissed!.Value)}/s did not";
            (isSilent ? _terminal.Error : _terminal.Out).WriteLine($"{objective} holds at {LatencyText.Count(found)} requests/s; {limit}");
            return ExitCode.Fine;
        }

        _terminal.Error.WriteLine(search.Ending == SearchEnding.NothingHolds
            ? $"loadtest: {objective} does not hold at any rate, down to {LatencyText.Count(search.LowestMissed!.Value)}/s"
            : $"loadtest: no rate was confirmed in {search.Steps.Count} runs: what holds changes from run to run; longer runs (-d) are steadier");
        return ExitCode.ThresholdMissed;
    }

    private static string SoFar(RateSearch search, string objective)
    {
        double[] held = [.. search.Steps.Where(step => step.Held).Select(step => step.Rate)];
        return held.Length > 0
            ? $"{objective} held at {LatencyText.Count(held.Max())} requests/s, which was not confirmed"
            : $"no rate was found at which {objective} holds";
    }

    private static Option<double?> Percent(string name, string description)
        => ParsedOption.Create(name, [], description, "percent", PercentText.Allowed, (string text, out double? percent) =>
        {
            bool isPercent = PercentText.TryParse(text, out double value);
            percent = value;
            return isPercent && value > 0;
        });
}
