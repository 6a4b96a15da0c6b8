using System.Reflection;
using System.Text.RegularExpressions;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Tests.Demo;

/// <summary>The demo with the real service, as a process of its own.</summary>
public partial class DemoTests
{
    private static string[] Transports => OperatingSystem.IsLinux() ? ["tcp", "unix", "shm"] : ["tcp", "unix"];

    private static string Service
    {
        get
        {
            AssemblyMetadataAttribute path = typeof(DemoTests).Assembly
                .GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(entry => entry.Key == "ServicePath");
            return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, path.Value!));
        }
    }

    [Fact]
    public void Every_transport_answers_in_every_mode_without_a_failure()
    {
        var demo = Invocation.Of("demo", "-d", "500ms", "--service", Service);

        Assert.Empty(demo.Error);
        string[] lines = demo.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] rows = [.. lines.Where(line => line.EndsWith(" 0", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3]))];
        Assert.Equal(
            [.. from transport in Transports from row in (string[])["ping-pong 1", "ping-pong 100", "per-connection 1"] select $"{transport} {row}"],
            rows);
        Assert.Contains(".NET", lines[^1], StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, demo.ExitCode);
    }

    [Fact]
    public void Markdown_is_a_table_and_a_line_that_names_the_machine()
    {
        var demo = Invocation.Of("demo", "-d", "50ms", "--markdown", "--service", Service);

        string[] lines = demo.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("| transport | mode | connections | requests/s | average us | p50 us | p99 us | p99.9 us | max us | under 1 ms | failures |", lines[0].Trim());
        Assert.All(lines[1..(2 + (3 * Transports.Length))], line => Assert.Matches(MarkdownRow(), line.Trim()));
        Assert.Equal(3 + (3 * Transports.Length), lines.Length);
    }

    [Fact]
    public void A_service_that_does_not_start_is_shown_with_what_it_said()
    {
        string noProgram = typeof(Xunit.Assert).Assembly.Location;

        var demo = Invocation.Of("demo", "--service", noProgram);

        Assert.Equal(ExitCode.CouldNotRun, demo.ExitCode);
        Assert.Contains("did not become ready", demo.Error, StringComparison.Ordinal);
        Assert.True(demo.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length > 1);
        Assert.Empty(demo.Output);
    }

    [Fact]
    public void A_service_that_is_not_there_is_a_mistake()
    {
        var demo = Invocation.Of("demo", "--service", "/nowhere/LowLatency.Service.dll");

        Assert.Equal(ExitCode.Usage, demo.ExitCode);
        Assert.Contains("--service", demo.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_the_demo_and_the_service()
    {
        var demo = Invocation.Of(new CancellationToken(canceled: true), "demo", "--service", Service);
        Assert.Equal(ExitCode.Interrupted, demo.ExitCode);
    }

    [Fact]
    public void Endpoints_are_free_differ_and_leave_nothing_behind()
    {
        string folder;
        using (var endpoints = new DemoEndpoints())
        {
            folder = Path.GetDirectoryName(endpoints.Unix.EndPoint.ToString())!;
            Assert.True(Directory.Exists(folder));
            Assert.NotEqual(endpoints.Sidecar.Authority, endpoints.Tcp.EndPoint.ToString());
        }

        Assert.False(Directory.Exists(folder));
    }

    [GeneratedRegex(@"^(\| [^|]+ ){11}\|$")]
    private static partial Regex MarkdownRow();
}
