using System.CommandLine;
using LowLatency.LoadTest.HtmlReport;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Where a report goes as a page or as a picture.</summary>
internal sealed class PlotDestination
{
    private readonly string? _html;
    private readonly string? _svg;
    private readonly string? _png;

    /// <exception cref="UsageException">It cannot be written: a run is too long to find out only at its end.</exception>
    public PlotDestination(string? html, string? svg = null, string? png = null)
    {
        (_html, _svg, _png) = (html, svg, png);
        JsonDestination.RequireWritable("--html", html);
        JsonDestination.RequireWritable("--svg", svg);
        JsonDestination.RequireWritable("--png", png);
        if (png is not null && Chromium.Path is null)
        {
            throw new UsageException("--png: needs Chromium or Chrome to draw, and there is none in PATH; allowed without: --svg, which needs nothing");
        }
    }

    public bool IsAnywhere => _html is not null || _svg is not null || _png is not null;

    public static Option<string> CreateHtmlOption() => Create("--html", "Write a report with plots, a single page that needs no network");

    public static Option<string> CreateSvgOption() => Create("--svg", "Write the plots as a picture that scales");

    public static Option<string> CreatePngOption() => Create("--png", "Write the plots as pixels; needs Chromium or Chrome");

    /// <exception cref="UsageException">A file holds a histogram that is none, or nothing to draw.</exception>
    public void Write(IReadOnlyList<SavedReport> reports)
    {
        try
        {
            if (_html is not null)
            {
                File.WriteAllText(_html, HtmlPage.Write(reports));
            }

            if (_svg is not null || _png is not null)
            {
                (string text, int height) = SvgFile.Write(reports);
                WritePictures(text, height);
            }
        }
        catch (FormatException e)
        {
            throw new UsageException($"the report cannot be drawn: {e.Message}");
        }
    }

    /// <summary>Writes what has just been measured, from the same document as <c>--json</c>: there is one truth.</summary>
    public void WriteIfAnywhere(Func<string> document)
    {
        if (IsAnywhere)
        {
            Write([SavedReport.TryParse(document(), out SavedReport? report, out string? error) ? report : throw new InvalidOperationException(error)]);
        }
    }

    private void WritePictures(string svg, int height)
    {
        if (_svg is not null)
        {
            File.WriteAllText(_svg, svg);
        }

        if (_png is not null)
        {
            Chromium.Draw(svg, _png, SvgFile.Width, height);
        }
    }

    private static Option<string> Create(string name, string description) => new(name) { Description = description, HelpName = "file" };
}
