using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Reports;

/// <summary>What a file of bare figures says of itself: each line begins with <c>#</c>.</summary>
internal static class CommentLines
{
    public static IEnumerable<string> Of(RunResult result, MachineEnvironment environment) =>
    [
        $"# target: {result.Workload.Target.Text}, {result.Workload.Mode.Name()}, request {result.Workload.Request.Length} B, reply {result.Workload.Expect.Length} B",
        "# unit: microseconds",
        .. result.Validity.Reasons.Select(reason => $"# INVALID: {reason}"),
        .. result.Validity.Warnings.Select(warning => $"# warning: {warning}"),
        .. environment.Lines.Select(line => $"# {line.Name}: {line.Value}".ReplaceLineEndings(" ")),
    ];
}
