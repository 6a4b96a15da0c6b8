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

    public static IRenderable Draw(Workload workload, RunProgress progress, double rate)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn(new GridColumn().NoWrap());
        grid.AddRow("rate", $"{LatencyText.Count(rate)} requests/s");
        LatencyRecorder? soFar = progress.SoFar;
        foreach ((string name, Percentile percentile) in (ReadOnlySpan<(string, Percentile)>)[("p50", Percentile.P50), ("p99", Percentile.P99), ("p99.9", Percentile.P999)])
        {
            grid.AddRow(name, LatencyText.Of(soFar?.At(percentile)));
        }

        string colour = progress.Failed > 0 ? "red" : "default";
        grid.AddRow("errors", $"[{colour}]{LatencyText.Count(progress.Failed)}[/]");
        grid.AddRow("done", Done(progress));
        grid.AddRow("time left", Left(workload, progress));
        return new Panel(grid)
            .Header(Markup.Escape($" {workload.Target.Text}, {workload.Mode.Name()}{(progress.IsWarmUp ? ": warming up" : "")} "))
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
