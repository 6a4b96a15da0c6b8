using System.Diagnostics;
using System.Globalization;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>A browser of this machine that turns a drawing into pixels: the fonts and the look of the page itself, and no graphics library to carry along.</summary>
internal static class Chromium
{
    private const int Scale = 2;

    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>The browser; <c>null</c> where there is none.</summary>
    public static string? Path { get; } = Find();

    /// <summary>Draws a picture, twice as fine as it is large.</summary>
    /// <returns>It as PNG.</returns>
    /// <exception cref="IOException">The browser made no picture.</exception>
    public static byte[] Draw(string svg, int width, int height)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lowlatency-");
        try
        {
            string source = System.IO.Path.Combine(folder.FullName, "plots.svg");
            string picture = System.IO.Path.Combine(folder.FullName, "plots.png");
            File.WriteAllText(source, svg);

            // Without its sandbox, which neither root nor most containers can have: it opens this one file, which has no script.
            Run(
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", $"--user-data-dir={folder.FullName}",
                string.Create(CultureInfo.InvariantCulture, $"--force-device-scale-factor={Scale}"),
                string.Create(CultureInfo.InvariantCulture, $"--window-size={width},{height}"),
                $"--screenshot={picture}", new Uri(source).AbsoluteUri);
            return File.Exists(picture) ? File.ReadAllBytes(picture) : throw new IOException($"{Path} made no picture of the plots");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Run(params string[] arguments)
    {
        using var browser = Process.Start(new ProcessStartInfo(Path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        browser.OutputDataReceived += (_, _) => { };
        browser.ErrorDataReceived += (_, _) => { };
        browser.BeginOutputReadLine();
        browser.BeginErrorReadLine();
        if (!browser.WaitForExit(Deadline))
        {
            browser.Kill(entireProcessTree: true);
            browser.WaitForExit();
            throw new IOException($"{Path} did not finish drawing within {Deadline.TotalSeconds} s");
        }
    }

    private static string? Find()
        => (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            from program in Programs
            let path = System.IO.Path.Join(folder, OperatingSystem.IsWindows() ? $"{program}.exe" : program)
            where File.Exists(path)
            select path).FirstOrDefault();
}
