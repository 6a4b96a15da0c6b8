using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.Thresholds;

/// <summary>A figure of a run that a threshold can be set for, by the name that users write.</summary>
internal sealed record Figure(string Name, FigureUnit Unit, Func<RunResult, Reading> Read)
{
    public const string Allowed =
        "min, mean, max, p50, p99.9 or any other percentile (service_p99 and so on for service times), errors, timeout and the other outcomes, "
        + "under_1ms or another time, requests_per_second, rate";

    /// <summary>The least requests that say anything about it; zero where any number does.</summary>
    public long SmallestSample { get; init; }

    private const string OfServiceTime = "service_";
    private const string Under = "under_";

    public static bool TryParse(string name, [NotNullWhen(true)] out Figure? figure)
    {
        figure = Outcome(name) ?? Share(name) ?? Rate(name) ?? Latency(name);
        return figure is not null;
    }

    private static Figure? Outcome(string name)
    {
        if (name == "errors")
        {
            return new Figure(name, FigureUnit.Count, result => Reading.Of(result.Outcomes.Failed));
        }

        foreach (Outcome outcome in Enum.GetValues<Outcome>())
        {
            if (outcome.Name().Replace(' ', '_') == name)
            {
                return new Figure(name, FigureUnit.Count, result => Reading.Of(result.Outcomes[outcome]));
            }
        }

        return null;
    }

    private static Figure? Share(string name)
    {
        if (!name.StartsWith(Under, StringComparison.Ordinal)
            || !DurationText.TryParseNanoseconds(name[Under.Length..], out decimal nanoseconds)
            || nanoseconds == 0)
        {
            return null;
        }

        return new Figure(name, FigureUnit.Share, result => ShareUnder(result.Latencies, (long)nanoseconds));
    }

    // A bucket that the bound falls into counts as not under it: the histogram cannot tell, and a bar is not held by chance.
    private static Reading ShareUnder(LatencyRecorder latencies, long bound)
    {
        const long Millisecond = 1_000_000;
        if (latencies.Count == 0)
        {
            return NothingAnswered;
        }

        long under = bound == Millisecond
            ? latencies.UnderOneMillisecond
            : latencies.Buckets.TakeWhile(bucket => bucket.To < bound).Sum(bucket => bucket.Count);
        return Reading.Of((double)under / latencies.Count);
    }

    private static Figure? Rate(string name) => name switch
    {
        "requests_per_second" => new Figure(name, FigureUnit.Count, result => Reading.Of(result.RequestsPerSecond)),

        // What was delivered of what was asked for: of the schedule in open loop, else of the requests that were begun.
        "rate" => new Figure(name, FigureUnit.Share, result => result.AchievedShare is double share ? Reading.Of(share)
            : result.Outcomes.Attempted > 0 ? Reading.Of((double)result.Outcomes[Measurement.Outcome.Ok] / result.Outcomes.Attempted)
            : NothingAnswered),
        _ => null,
    };

    private static Figure? Latency(string name)
    {
        bool isServiceTime = name.StartsWith(OfServiceTime, StringComparison.Ordinal);
        string ofLatency = isServiceTime ? name[OfServiceTime.Length..] : name;
        return ReadLatency(ofLatency) is Func<LatencyRecorder, Reading> read
            ? new Figure(name, FigureUnit.Time, result => read(isServiceTime ? result.ServiceTimes ?? result.Latencies : result.Latencies))
            {
                SmallestSample = ofLatency is ['p', .. string percent] && TryParsePercentile(percent, out Percentile percentile) ? percentile.SmallestSample : 0,
            }
            : null;
    }

    private static Func<LatencyRecorder, Reading>? ReadLatency(string name) => name switch
    {
        "min" => latencies => latencies.Count > 0 ? Reading.Of(latencies.Minimum) : NothingAnswered,
        "mean" => latencies => latencies.Count > 0 ? Reading.Of(latencies.Mean) : NothingAnswered,
        "max" => latencies => latencies.Count > 0 ? Reading.Of(latencies.Maximum) : NothingAnswered,
        ['p', .. string percent] when TryParsePercentile(percent, out Percentile percentile) => latencies => ReadPercentile(latencies, percentile),
        _ => null,
    };

    private static bool TryParsePercentile(string text, out Percentile percentile)
    {
        bool isNumber = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal percent);
        percentile = new Percentile(percent * 100);
        return isNumber && percent is > 0 and < 100;
    }

    private static Reading ReadPercentile(LatencyRecorder latencies, Percentile percentile)
        => latencies.Count == 0 ? NothingAnswered
            : latencies.At(percentile) is long value ? Reading.Of(value)
            : Reading.None($"the sample of {LatencyText.Count(latencies.Count)} cannot carry it: fewer than {Percentile.LeastBeyond} are beyond");

    private static Reading NothingAnswered => Reading.None("nothing was answered");
}
