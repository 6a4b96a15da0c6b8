using System.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Thresholds;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>run</c>: one workload, reported as text, as JSON, or both.</summary>
internal sealed class RunCommand
{
    private const string Description = """
        Drives one workload and reports it (the default verb)

          loadtest run unix:///tmp/lowlatency/unix.sock -c 10 -d 30s
          loadtest run --mode open-loop --rate 50k --threshold "p99<100us" --json run.json

        Numbers may end in k or M; times end in ns, us, ms, s or m. Exit codes: 0 fine, 1 could not run, 2 a mistake in the
        options, 3 the run is not valid (the reason is printed), 99 a --threshold was missed, 130 interrupted.
        """;

    private readonly RunOptions _options = new();
    private readonly Terminal _terminal;
    private readonly CancellationToken _interrupted;

    private RunCommand(Terminal terminal, CancellationToken interrupted) => (_terminal, _interrupted) = (terminal, interrupted);

    public static Command Create(Terminal terminal, CancellationToken interrupted)
    {
        var run = new RunCommand(terminal, interrupted);
        var command = new Command("run", Description);
        run._options.AddTo(command);
        command.SetAction(run.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        Workload workload = _options.Read(parsed);
        OutputOptions output = _options.Output;
        RunOutputs outputs = output.Outputs(parsed);
        var runner = new WorkloadRunner(_terminal, output.IsQuiet(parsed), output.Thresholds(parsed), _interrupted);
        RunResult result = runner.Run(workload, output.SidecarFor(parsed, workload));
        outputs.Write(result, MachineEnvironment.Read([.. parsed.Tokens.Select(token => token.Value)]), _terminal.Out);
        return Conclude(result);
    }

    // A bar says something only about a run that was made, to its end, and that is valid.
    private int Conclude(RunResult result)
    {
        Workload workload = result.Workload;
        if (result.WasInterrupted)
        {
            return ExitCode.Interrupted;
        }

        if (result.Outcomes[Outcome.Ok] == 0)
        {
            bool nothingSent = result.Outcomes[Outcome.Dropped] == result.Outcomes.Attempted;
            _terminal.Error.WriteLine(nothingSent
                ? $"loadtest: {workload.Target} took none of the requests at this rate; a lower --rate may go through"
                : $"loadtest: {workload.Target} answered nothing as expected; --expect tells the tester what to expect");
            return ExitCode.CouldNotRun;
        }

        if (result.Outcomes.Attempted < workload.Requests && workload.Duration is null)
        {
            long missing = workload.Requests.Value - result.Outcomes.Attempted;
            _terminal.Error.WriteLine($"loadtest: {workload.Target} went away; {missing} of {workload.Requests} requests were not made");
            return ExitCode.CouldNotRun;
        }

        foreach (string reason in result.Validity.Reasons)
        {
            _terminal.Error.WriteLine($"loadtest: INVALID: {reason}");
        }

        if (!result.Validity.IsValid)
        {
            return ExitCode.Invalid;
        }

        ThresholdVerdict[] missed = [.. result.Verdicts.Where(verdict => !verdict.IsHeld)];
        if (missed.Length > 0)
        {
            _terminal.Error.WriteLine($"loadtest: missed {string.Join("; ", missed.Select(verdict => $"{verdict.Threshold.Text} ({verdict.Explanation})"))}");
            return ExitCode.ThresholdMissed;
        }

        return ExitCode.Fine;
    }
}
