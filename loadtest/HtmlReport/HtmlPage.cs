using System.Globalization;
using System.Net;
using System.Text;
using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>A report as one file that any browser opens: no script, no font, no request to anywhere.</summary>
internal static class HtmlPage
{
    /// <exception cref="FormatException">A histogram cannot be read.</exception>
    public static string Write(IReadOnlyList<SavedReport> reports)
    {
        IReadOnlyList<ReportRun> runs = ReportRun.Of(reports);
        string title = WebUtility.HtmlEncode(runs.Count == 1 ? runs[0].Name : $"{runs.Count} runs: {string.Join(", ", runs.Take(4).Select(run => run.Name))}{(runs.Count > 4 ? ", …" : "")}");
        var page = new StringBuilder();

        // The policy makes the browser itself refuse whatever is not in the file.
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>Latency: {title}</title>
            <style>
            {StyleSheet.Page}{StyleSheet.Plot}</style>
            </head>
            <body>
            <header>
            <h1>{title}</h1>

            """);
        WriteAlerts(page, runs);
        page.Append("</header>\n<main>\n");
        Section(page, "Figures", "Response time: in an open loop from when the request was to be sent, else from when it was. A dash: fewer than ten requests beyond, too few to say.", ReportTables.Latencies(runs));
        foreach (Plot plot in Plot.Of(runs))
        {
            page.Append(CultureInfo.InvariantCulture, $"<section>\n<h2>{WebUtility.HtmlEncode(plot.Title)}</h2>\n<figure>\n<figcaption>{WebUtility.HtmlEncode(plot.Explanation)}</figcaption>\n");
            page.Append(plot.Draw(false)!.ToElement(plot.Description, "wide"));
            page.Append(plot.Draw(true)!.ToElement(plot.Description, "narrow"));
            page.Append("</figure>\n</section>\n");
        }

        if (runs.Any(run => run.Latencies is null))
        {
            page.Append("<p>Some files hold no histograms: what cannot be drawn of them is left out.</p>\n");
        }

        Section(page, "Outcomes", "Every attempted request has exactly one outcome, and only ok has a latency.", ReportTables.Outcomes(runs));
        Section(page, "Workloads", "", ReportTables.Workloads(runs));
        for (int index = 0; index < reports.Count; index++)
        {
            Section(page, reports.Count == 1 ? "Environment" : $"Environment of report {index + 1}", "", ReportTables.Environment(reports[index]));
        }

        page.Append("</main>\n<footer>Written by the LowLatency load tester.</footer>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void WriteAlerts(StringBuilder page, IReadOnlyList<ReportRun> runs)
    {
        foreach (ReportRun run in runs.Where(run => !run.Run.Valid))
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"alert\" role=\"note\"><strong>INVALID: {WebUtility.HtmlEncode(run.Name)}</strong> - {WebUtility.HtmlEncode(string.Join("; ", run.Run.InvalidReasons))}</p>\n");
        }

        foreach (ReportRun run in runs.Where(run => run.Run.Warnings.Count > 0))
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"alert\" role=\"note\"><strong>{WebUtility.HtmlEncode(run.Name)}</strong>: {WebUtility.HtmlEncode(string.Join("; ", run.Run.Warnings))}</p>\n");
        }

        foreach (ReportRun run in runs.Where(run => run.Run.Interrupted))
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"alert\" role=\"note\"><strong>{WebUtility.HtmlEncode(run.Name)}</strong> was interrupted: the figures are those until then.</p>\n");
        }
    }

    private static void Section(StringBuilder page, string title, string explanation, string table)
    {
        page.Append(CultureInfo.InvariantCulture, $"<section>\n<h2>{title}</h2>\n");
        if (explanation.Length > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{explanation}</p>\n");
        }

        page.Append(table).Append("</section>\n");
    }
}
