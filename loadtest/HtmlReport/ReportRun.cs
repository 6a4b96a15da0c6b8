using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>A run with its name and place among the others of a report.</summary>
/// <param name="Run">As the file has it.</param>
/// <param name="Name">What it is called here; no two runs of a report are called the same.</param>
/// <param name="Number">From 0.</param>
/// <param name="Latencies">Response times; <c>null</c> where the file has no histogram.</param>
/// <param name="ServiceTimes">From the actual send; <c>null</c> where it is the same thing.</param>
/// <param name="Intervals">What the heat map is made of; empty where the file has no histogram of any.</param>
internal sealed record ReportRun(
    SavedRun Run,
    string Name,
    int Number,
    Distribution? Latencies,
    Distribution? ServiceTimes,
    IReadOnlyList<ReportInterval> Intervals)
{
    private const int Colours = 8;

    /// <summary>The class that gives it its colour, and its dashes for those who do not tell colours apart.</summary>
    public string Style => $"run{Number % Colours}";

    /// <summary>All runs of some reports, each with a name of its own.</summary>
    /// <exception cref="FormatException">A histogram cannot be read.</exception>
    public static IReadOnlyList<ReportRun> Of(IReadOnlyList<SavedReport> reports)
    {
        SavedRun[] runs = [.. reports.SelectMany(report => report.Runs)];
        bool oneTarget = runs.Select(run => run.Target).Distinct().Count() == 1;
        bool oneMode = runs.Select(run => run.Mode).Distinct().Count() == 1;
        var named = new List<ReportRun>();
        foreach (SavedRun run in runs)
        {
            string name = NameOf(run, withTarget: !oneTarget || runs.Length == 1, withMode: !oneMode || runs.Length == 1);
            int same = named.Count(other => other.Name == name || other.Name.StartsWith($"{name} (", StringComparison.Ordinal));
            named.Add(new ReportRun(
                run, same == 0 ? name : $"{name} ({same + 1})", named.Count,
                Distribution.Of(run.Histogram), Distribution.Of(run.ServiceHistogram), ReadIntervals(run)));
        }

        return named;
    }

    private static string NameOf(SavedRun run, bool withTarget, bool withMode)
    {
        if (run.Label is { Length: > 0 } label)
        {
            return label;
        }

        string load = run.Rate is double rate ? $"{PlotText.Count(rate)}/s" : $"-c {run.Connections.Requested}";
        string[] parts = [withMode ? run.Mode : "", withTarget ? run.Target : "", load];
        return string.Join(' ', parts.Where(part => part.Length > 0));
    }

    private static IReadOnlyList<ReportInterval> ReadIntervals(SavedRun run)
        => [.. from interval in run.Intervals
            let latencies = Distribution.Of(interval?.Histogram)
            where latencies is not null
            select new ReportInterval(interval.StartSeconds, interval.LengthSeconds, latencies)];
}

/// <summary>A second of a run.</summary>
internal sealed record ReportInterval(double StartSeconds, double LengthSeconds, Distribution Latencies);
