using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LowLatency.LoadTest.Live;

/// <summary>What a person sees of a run while it lasts.</summary>
internal static class LivePanel
{
    private const int BarWidth = 30;

    /// <param name="workload">What is run.</param>
    /// <param name="name">Which one of several it is; <c>null</c> for the only one.</param>
    /// <param name="progress">How far it has come.</param>
    /// <param name="rate">Requests a second since the last look.</param>
    public static IRenderable Draw(Workload workload, string? name, RunProgress progress, double rate)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn().NoWrap());
        string asked = workload.Rate is double schedule ? $" of {LatencyText.Number(schedule)}" : "";
        grid.AddRow("rate", $"{LatencyText.Count(rate)}{asked} requests/s");
        LatencyRecorder? soFar = progress.SoFar;
        foreach ((string title, Percentile percentile) in (ReadOnlySpan<(string, Percentile)>)[("p50", Percentile.P50), ("p99", Percentile.P99), ("p99.9", Percentile.P999)])
        {
            grid.AddRow(title, LatencyText.Of(soFar?.At(percentile)));
        }

        string colour = progress.Failed > 0 ? "red" : "default";
        grid.AddRow("errors", $"[{colour}]{LatencyText.Count(progress.Failed)}[/]");
        grid.AddRow("done", Done(progress));
        grid.AddRow("time left", Left(workload, progress));
        return new Panel(grid)
            .Header(Markup.Escape($" {(name is null ? "" : $"{name}: ")}{workload.Target.Text}, {workload.Mode.Name()}{(progress.IsWarmUp ? ": warming up" : "")} "))
            .Border(BoxBorder.Rounded);
    }

    private static string Done(RunProgress progress)
        => progress is { IsWarmUp: false, Requests: long requests }
            ? $"{LatencyText.Count(progress.Done)} of {LatencyText.Count(requests)}  {Bar((double)progress.Done / requests)}"
            : LatencyText.Count(progress.Done);

    private static string Left(Workload workload, RunProgress progress)
    {
        if (progress.Left is not TimeSpan left)
        {
            return LatencyText.Unknown;
        }

        string bar = workload.Duration is TimeSpan whole && !progress.IsWarmUp ? $"  {Bar(1 - (left / whole))}" : "";
        return FormattableString.Invariant($"{Math.Ceiling(left.TotalSeconds):F0} s{bar}");
    }

    private static string Bar(double share)
    {
        int full = (int)(Math.Clamp(share, 0, 1) * BarWidth);
        return $"[green]{new string('━', full)}[/][grey]{new string('─', BarWidth - full)}[/]";
    }
}
