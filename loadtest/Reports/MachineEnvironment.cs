using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace LowLatency.LoadTest.Reports;

/// <summary>Where figures come from. Without it they cannot be compared with others.</summary>
internal sealed record MachineEnvironment(
    string CpuModel,
    int CpuCount,
    string Os,
    string Kernel,
    string Runtime,
    string GcMode,
    string CommandLine,
    string Date,
    string Version)
{
    public static MachineEnvironment Read(IReadOnlyList<string> arguments) => new(
        ReadCpuModel(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        Environment.OSVersion.Version.ToString(),
        RuntimeInformation.FrameworkDescription,
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {GCSettings.LatencyMode.ToString().ToLowerInvariant()}",
        string.Join(' ', ["loadtest", .. arguments.Select(Quote)]),
        DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        typeof(MachineEnvironment).Assembly.GetName().Version?.ToString(3) ?? "");

    /// <summary>All of it that fits on one line.</summary>
    public override string ToString()
        => $"{CpuModel}, {CpuCount} CPUs, {Os}, kernel {Kernel}, {Runtime}, {Date[..10]}, LowLatency {Version}";

    private static string ReadCpuModel()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? line = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Quote(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? $"\"{argument}\"" : argument;
}
