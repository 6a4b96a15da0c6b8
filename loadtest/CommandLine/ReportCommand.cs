using System.CommandLine;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The verb <c>report</c>: what <c>--json</c> has written, as a page or as a picture; several files lie over each other.</summary>
internal sealed class ReportCommand
{
    private const string Description = """
        Makes a page with plots, or a picture of them, of one or several reports

          loadtest report before.json after.json --html both.html
        """;

    private readonly Argument<string[]> _files = new("files")
    {
        Description = "Reports that --json has written",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _html = PlotDestination.CreateHtmlOption();
    private readonly Option<string> _svg = PlotDestination.CreateSvgOption();
    private readonly Option<string> _png = PlotDestination.CreatePngOption();

    public static Command Create()
    {
        var report = new ReportCommand();
        var command = new Command("report", Description) { report._files, report._html, report._svg, report._png };
        command.SetAction(report.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        string[] files = parsed.GetValue(_files) ?? [];
        SavedReport[] reports = [.. files.Select(Read)];
        if (reports.Length == 0)
        {
            throw new UsageException("report: no file is given; allowed: one or more that --json has written");
        }

        var destination = new PlotDestination(parsed.GetValue(_html), parsed.GetValue(_svg), parsed.GetValue(_png));
        if (!destination.IsAnywhere)
        {
            throw new UsageException("report: says nowhere to write to; allowed: --html, --svg or --png with a file");
        }

        destination.Write(reports);
        return ExitCode.Fine;
    }

    /// <exception cref="UsageException">It is no report.</exception>
    internal static SavedReport Read(string file)
        => SavedReport.TryRead(file, out SavedReport? report, out string? error) ? report : throw new UsageException(error);
}
