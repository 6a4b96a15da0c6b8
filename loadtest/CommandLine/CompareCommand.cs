using System.CommandLine;
using LowLatency.LoadTest.Comparing;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.SavedReports;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>compare</c>: whether one thing is faster than another, or whether that cannot be said.</summary>
internal sealed class CompareCommand
{
    private const string Description = """
        Whether B is faster or slower than A, or no difference is shown

        Of two reports, each with several runs (compare a.json b.json), or of runs that it makes itself, one of each side a
        round (compare --a tcp://127.0.0.1:8080 --b tcp://127.0.0.1:8081). Who goes first changes from round to round, or is
        drawn by --seed. --a and --b may also be what a service is started with for each of its runs:
          compare --a "" --b "Polling:WaitStrategy=Blocking"
          compare --a old/LowLatency.Service.dll --b new/LowLatency.Service.dll --transport unix
        """;

    private const int DefaultRounds = 10;
    private const double DefaultThresholdPercent = 2;

    // A comparison is many runs: rather many short ones than few long ones, as it is the runs that are counted.
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(1);

    private readonly Argument<string[]> _files = new("files") { Description = "Two reports that --json has written", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<Side> _a = SideOption("--a", "One side: an endpoint URL, or what a service is started with");
    private readonly Option<Side> _b = SideOption("--b", "The other side");
    private readonly Option<long?> _rounds = RunOptions.Count("--rounds", [], $"How many runs each side makes (default {DefaultRounds})");
    private readonly Option<double?> _threshold = ParsedOption.Create("--threshold-percent", [], $"The least difference that matters (default {DefaultThresholdPercent})", "percent", PercentText.Allowed, (string text, out double? percent) =>
    {
        bool isPercent = PercentText.TryParse(text, out double value);
        percent = value;
        return isPercent;
    });

    private readonly Option<string> _transport = new("--transport") { Description = "Which endpoint of a started service is driven (default tcp)", HelpName = "tcp|unix|shm" };
    private readonly Option<bool> _check = new("--check") { Description = "Exit with 99 when B is slower" };
    private readonly SidecarOption _sidecar = new("--sidecar", $"The metrics endpoint of --a and --b where they are endpoint URLs, whose count is compared with the tester's (default {Sidecar.Default} for those on this machine, if it answers)");
    private readonly SidecarOption _sidecarB = new("--sidecar-b", "The same for --b, if it has one of its own");
    private readonly Option<string> _json = JsonDestination.CreateOption();
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress while it runs" };
    private readonly RunOptions _options = new();
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private CompareCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var compare = new CompareCommand(terminal, interrupted);
        var command = new Command("compare", Description) { compare._files };
        foreach (Option option in (Option[])[compare._a, compare._b, compare._rounds, compare._threshold, compare._transport, compare._check])
        {
            command.Options.Add(option);
        }

        compare._options.Duration.Description = "How long each run measures (default 1s)";
        compare._options.AddTo(command, without: RunParts.Target | RunParts.Output);
        compare._sidecar.AddTo(command);
        compare._sidecarB.AddTo(command);
        command.Options.Add(compare._json);
        command.Options.Add(compare._quiet);
        command.SetAction(compare.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        string[] files = parsed.GetValue(_files) ?? [];
        (Side? a, Side? b) = (parsed.GetValue(_a), parsed.GetValue(_b));
        var json = new JsonDestination(parsed.GetValue(_json));
        int seed = parsed.GetValue(_options.Seed) ?? Bootstrap.DefaultSeed;
        double threshold = parsed.GetValue(_threshold) ?? DefaultThresholdPercent;
        switch (files, a, b)
        {
            case ([string fileA, string fileB], null, null):
                var ofA = new ComparedSide(fileA, Runs(fileA));
                var ofB = new ComparedSide(fileB, Runs(fileB));
                return Tell(RunComparison.Of(ofA.Runs, ofB.Runs, arePaired: false, threshold, seed), ofA, ofB, wasInterrupted: false, json, parsed);

            case ([], Side sideA, Side sideB):
                return Execute(sideA, sideB, threshold, seed, json, parsed);

            default:
                throw new UsageException("compare: needs two sides; allowed: two files that --json has written, or --a and --b");
        }
    }

    private int Execute(Side a, Side b, double threshold, int seed, JsonDestination json, ParseResult parsed)
    {
        long rounds = parsed.GetValue(_rounds) ?? DefaultRounds;
        if (rounds > RunComparison.MostRuns)
        {
            throw new UsageException($"--rounds: {rounds} is not allowed; allowed: 1 to {RunComparison.MostRuns}");
        }

        string transport = parsed.GetValue(_transport) ?? "tcp";
        if (transport is not ("tcp" or "unix" or "shm"))
        {
            throw new UsageException($"--transport: '{transport}' is not allowed; allowed: tcp, unix, shm");
        }

        Workload workload = _options.Read(parsed) with { Tls = _options.Tls.Read(parsed, a.Target, b.Target) };
        workload = workload with { Duration = parsed.GetValue(_options.Duration) ?? (workload.Requests is null ? DefaultDuration : null) };
        var runner = new WorkloadRunner(_terminal, parsed.GetValue(_quiet), thresholds: [], _interrupted);
        ComparedRounds compared = Measure(a, b, (int)rounds, new SideRunner(workload, transport, runner.Run, _interrupted), parsed);
        var ofA = new ComparedSide(Name(parsed, _a), Saved(compared.A));
        var ofB = new ComparedSide(Name(parsed, _b), Saved(compared.B));
        int exitCode = Tell(RunComparison.Of(ofA.Runs, ofB.Runs, arePaired: true, threshold, seed), ofA, ofB, compared.WasInterrupted, json, parsed);
        if (compared.Ending is not string ending)
        {
            return exitCode;
        }

        _terminal.Error.WriteLine($"loadtest: {ending}, after {compared.A.Count} of {rounds} rounds");
        return compared.WasInterrupted ? ExitCode.Interrupted : ExitCode.CouldNotRun;
    }

    private ComparedRounds Measure(Side a, Side b, int rounds, SideRunner sides, ParseResult parsed)
    {
        List<RunResult> ofA = [];
        List<RunResult> ofB = [];
        try
        {
            // Counts for nothing: the tester's own code is compiled in it.
            RunA("warm-up");
            foreach (bool aFirst in RoundOrder.Of(rounds, parsed.GetValue(_options.Seed)))
            {
                string round = $"round {ofA.Count + 1}/{rounds}";
                RunResult? first = aFirst ? RunA(round) : null;
                RunResult second = RunB(round);
                first ??= RunA(round);
                if (_interrupted.IsCancellationRequested)
                {
                    // Half a round is no pair.
                    break;
                }

                ofA.Add(first);
                ofB.Add(second);
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted while a service was started: what there is stands.
        }
        catch (IOException e) when (ofA.Count > 0)
        {
            return new ComparedRounds(ofA, ofB, e.Message, WasInterrupted: false);
        }

        bool wasInterrupted = _interrupted.IsCancellationRequested;
        return new ComparedRounds(ofA, ofB, wasInterrupted ? "interrupted" : null, wasInterrupted);

        RunResult RunA(string name) => sides.Run(a, workload => _sidecar.For(parsed, workload), $"{name}, A");

        RunResult RunB(string name) => sides.Run(b, workload => (_sidecarB.IsGiven(parsed) ? _sidecarB : _sidecar).For(parsed, workload), $"{name}, B");
    }

    private int Tell(RunComparison comparison, ComparedSide a, ComparedSide b, bool wasInterrupted, JsonDestination json, ParseResult parsed)
    {
        json.Write(() => CompareDocument.Write(comparison, a, b, wasInterrupted, MachineEnvironment.Read([.. parsed.Tokens.Select(token => token.Value)])), _terminal.Out);
        if (comparison.Metrics.Count == 0)
        {
            if (a.Runs.Count > 0)
            {
                _terminal.Error.WriteLine("loadtest: there is no figure that all runs have: a run answered nothing, or too little for a median");
            }

            return ExitCode.CouldNotRun;
        }

        if (!json.IsStandardOutput)
        {
            ComparisonTable.Write(comparison, a.Name, b.Name, _terminal.Out);
        }

        foreach (string doubt in Doubts(comparison, [.. a.Runs, .. b.Runs]))
        {
            _terminal.Error.WriteLine($"loadtest: {doubt}");
        }

        bool isSlower = comparison.Metrics.Any(metric => metric.Verdict == Verdict.Slower);
        return isSlower && parsed.GetValue(_check) ? ExitCode.ThresholdMissed : ExitCode.Fine;
    }

    /// <summary>What a reader has to know before believing any of it.</summary>
    private static IEnumerable<string> Doubts(RunComparison comparison, IReadOnlyList<SavedRun> runs)
    {
        if (!comparison.CanShowADifference)
        {
            yield return "so few runs show no difference, however large; make more (--rounds)";
        }

        SavedRun[] invalid = [.. runs.Where(run => !run.Valid)];
        if (invalid.Length > 0)
        {
            yield return $"{invalid.Length} of {runs.Count} runs are not valid: {string.Join("; ", invalid[0].InvalidReasons)}";
        }

        SavedServer[] disagreeing = [.. runs.Select(run => run.Server).OfType<SavedServer>().Where(server => server.Warning is not null)];
        if (disagreeing.Length > 0)
        {
            yield return $"warning, in {disagreeing.Length} of {runs.Count} runs: {disagreeing[0].Warning}";
        }

        if (runs.Count(run => run.Failed > 0) is int failed and > 0)
        {
            yield return $"{failed} of {runs.Count} runs had failures, which have no latency";
        }

        if (runs.Select(run => (run.Mode, run.Connections.Requested, run.Rate, run.Workload.Pipeline)).Distinct().Count() > 1)
        {
            yield return "the runs were made under different loads: what differs may be that";
        }
    }

    private static IReadOnlyList<SavedRun> Runs(string file)
    {
        IReadOnlyList<SavedRun> runs = ReportCommand.Read(file).Runs;
        return runs.Count <= RunComparison.MostRuns ? runs : throw new UsageException($"'{file}' holds {runs.Count} runs; allowed: at most {RunComparison.MostRuns}");
    }

    /// <param name="A">One side's runs.</param>
    /// <param name="B">The other's, of the same rounds.</param>
    /// <param name="Ending">Why there are no more rounds; <c>null</c> where all were made.</param>
    /// <param name="WasInterrupted">Whether that was the user.</param>
    private sealed record ComparedRounds(IReadOnlyList<RunResult> A, IReadOnlyList<RunResult> B, string? Ending, bool WasInterrupted);

    // By way of the report, so that a comparison of files and one of its own runs see the same figures.
    private static IReadOnlyList<SavedRun> Saved(IReadOnlyList<RunResult> results)
        => results.Count == 0 ? []
            : SavedReport.TryParse(JsonReport.Write(results, MachineEnvironment.Read([])), out SavedReport? report, out string? error) ? report.Runs
            : throw new InvalidOperationException(error);

    private static string Name(ParseResult parsed, Option<Side> option)
        => parsed.GetResult(option)!.Tokens[0].Value is { Length: > 0 } text ? text : "the service as it is";

    private static Option<Side> SideOption(string name, string description)
        => ParsedOption.Create<Side>(name, [], description, "side", (string text, out Side? side, out string? error) => Side.TryParse(text, out side, out error));
}
