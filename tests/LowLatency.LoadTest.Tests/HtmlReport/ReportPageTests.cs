using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests.HtmlReport;

/// <summary>The report as a reader meets it: in a browser, at a desk and on a phone, by day and by night.</summary>
public sealed class ReportPageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-report-");

    [Fact]
    public async Task A_page_shows_its_plots_and_asks_nobody_for_anything()
    {
        string page = Report(SampleReport.Write(_folder, "a.json", SampleReport.Run("one", 10_000, 1)));
        await using Browser browser = await Browser.StartAsync(External.Require("chromium", "chromium"));

        foreach ((int width, bool isDark, string shown) in ((int, bool, string)[])[(1_200, false, "wide"), (1_200, true, "wide"), (360, false, "narrow"), (360, true, "narrow")])
        {
            await browser.OpenAsync(page, width, isDark);

            // Percentiles, histogram and heat map, each in the drawing of this width and with something in it.
            Assert.Equal(3, (int)(await browser.EvaluateAsync(Visible("svg.plot")))!);
            Assert.Equal(3, (int)(await browser.EvaluateAsync(Visible($"svg.{shown}")))!);
            Assert.True((int)(await browser.EvaluateAsync(Visible($"svg.{shown} .line")))! >= 3);
            Assert.True((int)(await browser.EvaluateAsync(Visible($"svg.{shown} rect.heat")))! >= 8);
            Assert.Equal(2, (int)(await browser.EvaluateAsync(Visible($"svg.{shown} circle.hiccup")))!);

            // Nothing sticks out of the screen, and no letter of a plot is too small to read.
            Assert.True((bool)(await browser.EvaluateAsync("document.documentElement.scrollWidth <= window.innerWidth"))!);
            Assert.Equal(width, (int)(await browser.EvaluateAsync("window.innerWidth"))!);
            Assert.True((double)(await browser.EvaluateAsync($"Math.min(...[...document.querySelectorAll('svg.{shown} text')].map(text => text.getBoundingClientRect().height))"))! >= 10);

            // The letters stand out from the page: the contrast that WCAG asks for.
            Assert.True((double)(await browser.EvaluateAsync(LeastContrast))! >= 4.5);
        }

        Assert.All(browser.Events("Network.requestWillBeSent"), request =>
            Assert.True((string)request["request"]!["url"]! == new Uri(page).AbsoluteUri || ((string)request["request"]!["url"]!).StartsWith("data:", StringComparison.Ordinal)));
        Assert.NotEmpty(browser.Events("Network.requestWillBeSent"));
        Assert.Empty(browser.Events("Log.entryAdded"));
        Assert.Empty(browser.Events("Runtime.consoleAPICalled"));
        Assert.Empty(browser.Events("Runtime.exceptionThrown"));
    }

    [Fact]
    public async Task A_page_that_would_load_something_is_kept_from_it_by_itself_and_found_out()
    {
        // The test above would prove nothing if it could not fail.
        string page = Report(SampleReport.Write(_folder, "a.json", SampleReport.Run("one", 10_000, 1)));
        File.WriteAllText(page, File.ReadAllText(page).Replace("</main>", "<img src=\"http://127.0.0.1:9/x.png\"><script>1</script></main>", StringComparison.Ordinal));
        await using Browser browser = await Browser.StartAsync(External.Require("chromium", "chromium"));

        await browser.OpenAsync(page, 1_200, isDark: false);

        Assert.NotEmpty(browser.Events("Log.entryAdded"));
    }

    [Fact]
    public async Task Several_reports_lie_over_each_other_and_a_sweep_has_its_curve()
    {
        string page = Report(
            SampleReport.Write(_folder, "a.json", SampleReport.Run("at 10k", 10_000, 1), SampleReport.Run("at 20k", 20_000, 2)),
            SampleReport.Write(_folder, "b.json", SampleReport.Run("at 40k", 40_000, 9, isValid: false)));
        await using Browser browser = await Browser.StartAsync(External.Require("chromium", "chromium"));

        await browser.OpenAsync(page, 1_200, isDark: false);

        Assert.Equal(
            ["Figures", "Latency against load", "Percentiles", "Histogram", "Latency over time: at 10k", "Latency over time: at 20k", "Latency over time: at 40k", "Outcomes", "Workloads", "Environment of report 1", "Environment of report 2"],
            ((JsonArray)(await browser.EvaluateAsync("[...document.querySelectorAll('h2')].map(heading => heading.textContent)"))!).Select(text => (string)text!));
        Assert.Contains("INVALID: at 40k - the target took 90 % of the rate <&>", (string)(await browser.EvaluateAsync("document.querySelector('.alert').textContent.trim()"))!, StringComparison.Ordinal);
        Assert.Equal(3, (int)(await browser.EvaluateAsync("document.querySelectorAll('table')[0].tHead.rows[0].cells.length"))! - 1);
        Assert.Contains("A <CPU> & more", (string)(await browser.EvaluateAsync("document.body.textContent"))!, StringComparison.Ordinal);
        Assert.True((bool)(await browser.EvaluateAsync("[...document.querySelectorAll('svg')].every(plot => plot.getAttribute('aria-label').length > 20)"))!);
    }

    [Fact]
    public async Task A_picture_is_the_plots_of_the_page_and_a_PNG_their_pixels()
    {
        string chromium = External.Require("chromium", "chromium");
        string file = SampleReport.Write(_folder, "a.json", SampleReport.Run("one", 10_000, 1));
        string svg = Path.Combine(_folder.FullName, "plots.svg");
        string png = Path.Combine(_folder.FullName, "plots.png");

        var report = Invocation.Of("report", file, "--svg", svg, "--png", png);

        Assert.Equal((ExitCode.Fine, ""), (report.ExitCode, report.Error));
        byte[] pixels = File.ReadAllBytes(png);
        Assert.Equal("\x89PNG"u8.ToArray()[^3..], pixels[1..4]);
        await using Browser browser = await Browser.StartAsync(chromium);
        await browser.OpenAsync(svg, 1_000, isDark: false);
        Assert.Equal(3, (int)(await browser.EvaluateAsync("document.querySelectorAll('text.heading').length"))!);
        Assert.Empty(browser.Events("Log.entryAdded"));
        int width = (int)(await browser.EvaluateAsync("document.documentElement.width.baseVal.value"))!;
        Assert.Equal(2 * width, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(pixels.AsSpan(16)));
    }

    [Theory]
    [InlineData("report", "report", "one or more")]
    [InlineData("report FILE", "report", "--html")]
    [InlineData("report FILE --html -", "--html", "a file")]
    [InlineData("report FILE --html /nowhere/at/all.html", "--html", "a file that can")]
    [InlineData("report FILE --svg /nowhere/at/all.svg", "--svg", "a file that can")]
    [InlineData("report /nowhere/at/all.json --html /dev/null", "/nowhere/at/all.json", "--json")]
    public void A_mistake_is_one_line_that_names_it_and_what_is_allowed(string arguments, string named, string allowed)
    {
        string file = SampleReport.Write(_folder, "a.json", SampleReport.Run("one", 10_000, 1));

        var report = Invocation.Of(arguments.Replace("FILE", file, StringComparison.Ordinal).Split(' '));

        Assert.Equal(ExitCode.Usage, report.ExitCode);
        Assert.Contains(named, report.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains(allowed, report.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_without_histograms_has_its_tables_and_no_picture()
    {
        JsonObject run = SampleReport.Run("bare", 10_000, 1);
        foreach (string name in (string[])["histogram_ns", "service_histogram_ns", "intervals", "hiccups"])
        {
            run.Remove(name);
        }

        string file = SampleReport.Write(_folder, "a.json", run);

        Assert.Contains("no histograms", File.ReadAllText(Report(file)), StringComparison.Ordinal);
        Assert.Contains("nothing to draw", Invocation.Of("report", file, "--svg", Path.Combine(_folder.FullName, "x.svg")).OnlyErrorLine, StringComparison.Ordinal);
    }

    private string Report(params string[] files)
    {
        string page = Path.Combine(_folder.FullName, "report.html");
        var report = Invocation.Of(["report", .. files, "--html", page]);
        Assert.Equal((ExitCode.Fine, "", ""), (report.ExitCode, report.Error, report.Output));
        return page;
    }

    // What has a size is displayed.
    private static string Visible(string selector)
        => $"[...document.querySelectorAll('{selector}')].filter(shape => shape.getClientRects().length > 0).length";

    // Relative luminance as WCAG 2 defines it, of every table cell and letter of a plot against the page.
    private const string LeastContrast = """
        (() => {
          const luminance = colour => {
            const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const page = luminance(getComputedStyle(document.body).backgroundColor);
          const against = colour => { const other = luminance(colour); return (Math.max(page, other) + 0.05) / (Math.min(page, other) + 0.05); };
          return Math.min(
            ...[...document.querySelectorAll('td, h1, h2, p, figcaption')].map(text => against(getComputedStyle(text).color)),
            ...[...document.querySelectorAll('svg text')].map(text => against(getComputedStyle(text).fill)));
        })()
        """;

    public void Dispose() => _folder.Delete(recursive: true);
}
