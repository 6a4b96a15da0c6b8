namespace LowLatency.LoadTest.HtmlReport;

/// <summary>What plots and pages look like, in light and in dark: the files <c>plot.css</c> and <c>page.css</c> beside this one.</summary>
internal static class StyleSheet
{
    public static string Plot { get; } = Read("plot.css");

    public static string Page { get; } = Read("page.css");

    private static string Read(string name)
    {
        using Stream resource = typeof(StyleSheet).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
