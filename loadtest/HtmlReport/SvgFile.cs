using System.Globalization;
using System.Net;
using System.Text;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>The plots of a report one below the other as one picture, for a README. It turns dark with the reader's page.</summary>
internal static class SvgFile
{
    private const double TitleHeight = 34;
    private const double Gap = 18;

    /// <summary>What the picture is wide, in pixels.</summary>
    public const int Width = 792;

    /// <returns>The file, and how tall the picture is.</returns>
    /// <exception cref="FormatException">A histogram cannot be read, or there is none.</exception>
    public static (string Text, int Height) Write(IReadOnlyList<SavedReport> reports)
    {
        IReadOnlyList<Plot> plots = Plot.Of(ReportRun.Of(reports));
        if (plots.Count == 0)
        {
            throw new FormatException("no report holds a histogram: there is nothing to draw");
        }

        var groups = new StringBuilder();
        double top = 8;
        foreach (Plot plot in plots)
        {
            var title = new SvgDrawing(0, 0);
            title.Text(0, 22, plot.Title, "start heading");
            groups.Append(title.ToGroup(top));
            SvgDrawing drawing = plot.Draw(false)!;
            groups.Append(drawing.ToGroup(top + TitleHeight));
            top += TitleHeight + drawing.Height + Gap;
        }

        int whole = (int)Math.Ceiling(top);
        string description = WebUtility.HtmlEncode(string.Join(" ", plots.Select(plot => plot.Description)));
        return (string.Create(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{{Width}}" height="{{whole}}" viewBox="-16 0 {{Width}} {{whole}}" class="plot" role="img" aria-label="{{description}}">
            <style>
            {{StyleSheet.Plot}}.plot .heading { font-size: 16px; font-weight: 600; }
            </style>
            <rect x="-16" y="0" width="{{Width}}" height="{{whole}}" style="fill: var(--paper)"/>
            {{groups}}</svg>

            """), whole);
    }
}
