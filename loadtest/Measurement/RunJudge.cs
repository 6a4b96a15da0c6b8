using System.Globalization;
using LowLatency.LoadTest.Hiccups;
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
/// Whose fault it is that a rate was missed: the target's, if it would have been missed as well without the longest delay that was
/// the tester's; and, where the machine did not run the tester for a good part of the time, without all of that.
/// </para>
/// <para>
/// <em>The tester.</em> Its lateness is part of every response time, and comes from the same place in both distributions:
/// so like is compared with like. At the median it may be a tenth, because a median is read as a precise figure; in the tail a half,
/// because there it says what the tail is made of. The tail is p99; p90 is looked at too, for runs that are too short to have one.
/// Less than a microsecond is never too late.
/// </para>
/// <para>
/// <em>The machine.</em> A tester that was not run at all is late with one request per connection, and catches up with what has queued
/// behind it: the schedule is kept, the queue is in the response times, and how much of them it is says a warning. One that
/// was not run for a tenth of the time has not made the load that it was to make.
/// </para>
/// </remarks>
internal static class RunJudge
{
    public const double LeastShare = 0.99;

    private const double MostNotRun = 0.1;
    private const long NeverLate = 1_000;

    private static readonly (string Name, Percentile Percentile, double MostShare)[] Limits =
        [("p50", Percentile.P50, 0.1), ("p90", Percentile.P90, 0.5), ("p99", Percentile.P99, 0.5)];

    public static RunValidity Judge(RunResult result)
    {
        if (result.AchievedShare is not double share)
        {
            return Warned(result, []);
        }

        return Warned(result, [.. WhyMissed(result, share), .. WhyLate(result), .. WhyNotRun(result)]);
    }

    private static RunValidity Warned(RunResult result, string[] reasons) => new(reasons) { Warnings = [.. WhatTheMachineDid(result)] };

    private static IEnumerable<string> WhyMissed(RunResult result, double share)
    {
        if (share >= LeastShare)
        {
            yield break;
        }

        var delay = TimeSpan.FromMicroseconds((result.Lateness?.Maximum ?? 0) / 1_000.0);
        double notRun = NotRunFor(result) ?? 0;
        string whose = result.AchievedShareWithout(delay) >= LeastShare || result.AchievedShareWithout(notRun * result.Elapsed) >= LeastShare
            ? "the tester could not keep up"
            : "the target was saturated";
        yield return Line($"{whose}: {LatencyText.Share(share)} of the scheduled rate of {result.Workload.Rate:#,0.###}/s was reached, and {LatencyText.Share(LeastShare)} is the least that counts");
    }

    private static IEnumerable<string> WhyLate(RunResult result)
    {
        foreach ((string name, Percentile percentile, double mostShare) in Limits)
        {
            if (result.Lateness?.At(percentile) is long lateness && result.Latencies.At(percentile) is long response
                && lateness > NeverLate && lateness > mostShare * response)
            {
                yield return Line($"the tester was late: its own lateness has a {name} of {LatencyText.Of(lateness)}, more than {mostShare * 100:0} % of the {LatencyText.Of(response)} that it measured");
                yield break;
            }
        }
    }

    private static IEnumerable<string> WhyNotRun(RunResult result)
    {
        if (NotRunFor(result) is double share)
        {
            yield return Line($"the tester was late: the machine did not run it for {LatencyText.Share(share)} of the time, {LatencyText.Of(result.Hiccups!.Sum.TotalNanoseconds)} in all");
        }
    }

    // As a share of the run, where it is a good part of it.
    private static double? NotRunFor(RunResult result)
        => result.Hiccups?.ShareOf(result.Elapsed) is double share && share >= MostNotRun ? share : null;

    private static IEnumerable<string> WhatTheMachineDid(RunResult result)
    {
        foreach ((string name, Percentile percentile, _) in Limits)
        {
            if (result.Hiccups is HiccupRecord hiccups && hiccups.MakesTail(result.Latencies, percentile))
            {
                yield return Line($"{name} and what lies beyond tell of the machine more than of the target: it did not run the tester for {LatencyText.Of(hiccups.Sum.TotalNanoseconds)} in all, and most of the requests beyond {name} met that");
                yield break;
            }
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
