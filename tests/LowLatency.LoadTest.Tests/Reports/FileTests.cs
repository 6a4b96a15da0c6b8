using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.Reports;

/// <summary>What the tester leaves in files.</summary>
public sealed class FileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-");

    [Fact]
    public void The_plotter_of_HdrHistogram_reads_what_hgrm_holds()
    {
        string file = Path("run.hgrm");
        JsonNode run = Run("-n", "2000", "--hgrm", file);

        // The plotter's own rules: four columns separated by blanks, and no line that begins with "#".
        (double Value, double Inverse)[] points = [.. File.ReadLines(file)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length == 4 && double.TryParse(columns[0], CultureInfo.InvariantCulture, out _))
            .Select(columns => (double.Parse(columns[0], CultureInfo.InvariantCulture), double.Parse(columns[3], CultureInfo.InvariantCulture)))];
        Assert.Equal(1, points[0].Inverse);
        Assert.True(points[^1].Inverse > 1_000);
        Assert.Equal(points.OrderBy(point => point.Inverse), points);
        Assert.Equal(points.Select(point => point.Value).Order(), points.Select(point => point.Value));
        double median = points.First(point => point.Inverse >= 2).Value;
        Assert.Equal((double)run["latency_us"]!["p50"]!, median, tolerance: median / 500);
        Assert.Equal(["Value", "Percentile", "TotalCount", "1/(1-Percentile)"], File.ReadLines(file).First().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(File.ReadLines(file), line => line.StartsWith("# CPU: ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_CSV_has_a_line_for_every_second_and_as_many_cells_as_names()
    {
        string file = Path("run.csv");
        JsonNode run = Run("-d", "1200ms", "--csv", file);

        string[][] lines = [.. File.ReadLines(file).Where(line => line[0] != '#').Select(line => line.Split(','))];
        Assert.Equal(run["intervals"]!.AsArray().Count, lines.Length - 1);
        Assert.All(lines, cells => Assert.Equal(lines[0].Length, cells.Length));
        int ok = Array.IndexOf(lines[0], "ok");
        Assert.Equal((long)run["outcomes"]!["ok"]!, lines[1..].Sum(cells => long.Parse(cells[ok], CultureInfo.InvariantCulture)));
        Assert.Equal("0", lines[1][0]);
    }

    [Fact]
    public void What_cannot_be_written_is_found_before_the_load_and_leaves_no_file()
    {
        string json = Path("run.json");
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        var run = Invocation.Of(server.Url, "-n", "10", "--json", json, "--hgrm", Path("nowhere/run.hgrm"));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void An_old_report_stays_as_it_is_until_the_new_one_is_complete()
    {
        string file = Path("run.json");
        File.WriteAllText(file, "old");
        var destination = new FileDestination("--json", file);
        Assert.Throws<InvalidOperationException>(() => destination.Write(writer =>
        {
            writer.Write("new");
            writer.Flush();
            Assert.Equal("old", File.ReadAllText(file));
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(file));
        destination.Write(writer => writer.Write("new"));
        Assert.Equal("new", File.ReadAllText(file));
        Assert.Single(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        File.WriteAllText(Path("target"), "old");
        File.CreateSymbolicLink(Path("link"), Path("target"));
        new FileDestination("--json", Path("link")).Write(writer => writer.Write("new"));
        Assert.NotNull(new FileInfo(Path("link")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(Path("target")));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_device_is_written_and_not_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there is it known what is a device.");
        new FileDestination("--json", "/dev/null").Write(writer => writer.Write("new"));
        Assert.Empty(File.ReadAllText("/dev/null"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private static JsonNode Run(params string[] options)
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());
        var run = Invocation.Of([server.Url, "--warmup", "0", "--sidecar", "none", "--quiet", "--json", "-", .. options]);
        Assert.Equal(ExitCode.Fine, run.ExitCode);
        return run.Run;
    }
}
