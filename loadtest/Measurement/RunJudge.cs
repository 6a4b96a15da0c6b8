using System.Globalization;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.Measurement;

/// <summary>Judges whether an open loop was one: whether the schedule was kept, and whether the tester measured more than itself.</summary>
/// <remarks>
/// <para>
/// <em>The rate.</em> What was asked in the time of the schedule must have been answered, or have failed, at 99 % of the
/// scheduled rate at least, counted up to the last reply. So a stall that is caught up with by the end leaves the run
/// valid (its latencies tell of it), and a queue that is still there at the end does not. It is compared with what the
/// schedule held, because random arrivals have the rate only on average.
/// </para>
/// <para>
/// <em>The tester.</em> Its lateness is part of every response time, and comes from the same place in both distributions:
/// so like is compared with like. At the median it may be a tenth, because a median is read as a precise figure; at p99 a half,
/// because there it says what the tail is made of. Less than a microsecond is never too late.
/// </para>
/// </remarks>
internal static class RunJudge
{
    public const double LeastShare = 0.99;

    private const long NeverLate = 1_000;

    private static readonly (string Name, Percentile Percentile, double MostShare)[] Limits =
        [("p50", Percentile.P50, 0.1), ("p99", Percentile.P99, 0.5)];

    public static RunValidity Judge(RunResult result)
    {
        if (result.AchievedShare is not double share)
        {
            return RunValidity.Valid;
        }

        string? late = WhyLate(result);
        string[] reasons = share >= LeastShare ? [] : [late is null
            ? Line($"the target was saturated: {LatencyText.Share(share)} of the scheduled rate of {result.Workload.Rate}/s was reached, and {LatencyText.Share(LeastShare)} is the least that counts")
            : Line($"the tester could not keep up: {LatencyText.Share(share)} of the scheduled rate of {result.Workload.Rate}/s was reached, and {LatencyText.Share(LeastShare)} is the least that counts")];
        return new RunValidity(late is null ? reasons : [.. reasons, late]);
    }

    private static string? WhyLate(RunResult result)
    {
        foreach ((string name, Percentile percentile, double mostShare) in Limits)
        {
            if (result.Lateness?.At(percentile) is long lateness && result.Latencies.At(percentile) is long response
                && lateness > NeverLate && lateness > mostShare * response)
            {
                return Line($"the tester was late: its own lateness has a {name} of {LatencyText.Of(lateness)}, more than {mostShare * 100:0} % of the {LatencyText.Of(response)} that it measured");
            }
        }

        return null;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
