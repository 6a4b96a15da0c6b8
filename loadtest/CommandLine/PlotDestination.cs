using System.CommandLine;
using LowLatency.LoadTest.HtmlReport;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Where a report goes as a page or as a picture.</summary>
internal sealed class PlotDestination
{
    private readonly FileDestination? _html;
    private readonly FileDestination? _svg;
    private readonly FileDestination? _png;

    /// <exception cref="UsageException">It cannot be written: a run is too long to find out only at its end.</exception>
    public PlotDestination(string? html, string? svg = null, string? png = null)
    {
        (_html, _svg, _png) = (Destination("--html", html), Destination("--svg", svg), Destination("--png", png));
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
                string page = HtmlPage.Write(reports);
                _html.Write(writer => writer.Write(page));
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
        _svg?.Write(writer => writer.Write(svg));
        if (_png is not null)
        {
            byte[] picture = Chromium.Draw(svg, SvgFile.Width, height);
            _png.Write(writer => writer.BaseStream.Write(picture));
        }
    }

    private static FileDestination? Destination(string option, string? path) => path switch
    {
        null => null,
        "-" => throw new UsageException($"{option}: '-' is not allowed; allowed: a file"),
        _ => new FileDestination(option, path),
    };

    private static Option<string> Create(string name, string description) => new(name) { Description = description, HelpName = "file" };
}
