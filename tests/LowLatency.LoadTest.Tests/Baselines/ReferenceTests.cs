using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Tests.Baselines;

/// <summary>The verb with real servers, each a process of its own.</summary>
public class ReferenceTests
{
    private const string Requirement = "LOWLATENCY_REQUIRE_EXTERNALS";

    [Fact]
    public void One_row_is_measured_with_every_round()
    {
        RequireLinuxAndCompiler();

        var reference = Invocation.Of(
            "reference", "--rounds", "1", "-d", "1s", "--warmup", "500ms", "--only", "tcp-p50", "--json", "-",
            "--service", Built("ServicePath"), "--sources", Built("ReferenceSourcesPath"));

        Assert.Empty(reference.Error);
        Assert.Equal(ExitCode.Fine, reference.ExitCode);
        JsonNode row = JsonNode.Parse(reference.Output)!["rows"]!.AsArray().Single()!;
        Assert.Equal("tcp-p50", (string)row["name"]!);
        Assert.Equal("service", (string)row["server"]!);
        Assert.Equal(0, (long)row["failures"]!);
        Assert.True((double)Assert.Single(row["rounds"]!.AsArray())! > 0);
        JsonNode[] against = [.. row["against"]!.AsArray().Select(comparison => comparison!)];
        Assert.Equal(["C spin", "Kestrel default"], against.Select(comparison => (string)comparison["server"]!));
        Assert.All(against, comparison => Assert.Equal((double)comparison["ratio"]!, (double)Assert.Single(comparison["ratios"]!.AsArray())!));
    }

    [Fact]
    public void An_interrupt_while_servers_start_ends_them()
    {
        RequireLinuxAndCompiler();

        var reference = Invocation.Of(
            new CancellationToken(canceled: true),
            "reference", "--service", Built("ServicePath"), "--sources", Built("ReferenceSourcesPath"));

        Assert.Equal(ExitCode.Interrupted, reference.ExitCode);
    }

    [Fact]
    public void Without_the_sources_it_says_how_to_name_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The C programs need Linux.");

        var reference = Invocation.Of("reference", "--service", Built("ServicePath"), "--sources", "/nowhere");

        Assert.Equal(ExitCode.CouldNotRun, reference.ExitCode);
        Assert.Contains("--sources", reference.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_compiler_it_says_what_to_install()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The C programs need Linux.");
        var start = new ProcessStartInfo(ServiceLocation.DotnetHost,
            [typeof(ExitCode).Assembly.Location, "reference", "--service", Built("ServicePath"), "--sources", Built("ReferenceSourcesPath")])
        {
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = "/nowhere";

        using Process tester = Process.Start(start)!;
        string error = tester.StandardError.ReadToEnd();
        tester.WaitForExit();

        Assert.Equal(ExitCode.CouldNotRun, tester.ExitCode);
        Assert.StartsWith("loadtest: make is missing", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static void RequireLinuxAndCompiler()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The C programs need Linux.");
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        foreach (string tool in (string[])["gcc", "make"])
        {
            bool isThere = path.Any(folder => File.Exists(Path.Join(folder, tool)));
            Assert.False(!isThere && Environment.GetEnvironmentVariable(Requirement) == "1", $"{tool} is missing, and {Requirement} is 1.");
            Assert.SkipUnless(isThere, $"{tool} is missing (Debian package {tool}).");
        }
    }

    private static string Built(string key)
    {
        AssemblyMetadataAttribute path = typeof(ReferenceTests).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(entry => entry.Key == key);
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, path.Value!));
    }
}
