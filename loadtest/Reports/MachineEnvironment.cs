using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using LowLatency.LoadTest.Machine;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>Where figures come from. Without it they cannot be compared with others. What is not known is <c>unknown</c>.</summary>
internal sealed record MachineEnvironment
{
    public required string CpuModel { get; init; }

    public required int CpuCount { get; init; }

    public required string Architecture { get; init; }

    public required string Governor { get; init; }

    public required string Smt { get; init; }

    /// <summary>In CPUs, <c>none</c>, or <c>unknown</c>.</summary>
    public required string CpuQuota { get; init; }

    /// <summary>The CPUs that the process may run on.</summary>
    public required string Affinity { get; init; }

    public required string Os { get; init; }

    public required string Kernel { get; init; }

    public required string ClockSource { get; init; }

    /// <summary>What one look at the clock took in this process.</summary>
    public required double ClockCostNs { get; init; }

    public required string Runtime { get; init; }

    public required string GcMode { get; init; }

    public required string TieredPgo { get; init; }

    public required string CommandLine { get; init; }

    public required string Date { get; init; }

    public required string Version { get; init; }

    /// <summary>What it was built from, if it was built in a git repository.</summary>
    public required string Commit { get; init; }

    public static MachineEnvironment Read(IReadOnlyList<string> arguments)
    {
        string[] version = typeof(MachineEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', 2);
        return new MachineEnvironment
        {
            CpuModel = MachineDescription.CpuModel(),
            CpuCount = Environment.ProcessorCount,
            Architecture = MachineDescription.Architecture,
            Governor = MachineDescription.Governor(),
            Smt = MachineDescription.Smt(),
            CpuQuota = Machine.CpuQuota.Read(),
            Affinity = MachineDescription.Affinity,
            Os = RuntimeInformation.OSDescription,
            Kernel = MachineDescription.Kernel(),
            ClockSource = MachineDescription.ClockSource(),
            ClockCostNs = Math.Round(ClockCost.Nanoseconds, 1),
            Runtime = RuntimeInformation.FrameworkDescription,
            GcMode = $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {GCSettings.LatencyMode.ToString().ToLowerInvariant()}",
            TieredPgo = RuntimeKnob.TieredPgo,
            CommandLine = string.Join(' ', ["loadtest", .. arguments.Select(Quote)]),
            Date = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            Version = version[0],
            Commit = version.Length > 1 ? version[1] : MachineDescription.Unknown,
        };
    }

    /// <summary>All of it, a name and a value in each line, for the formats that are text.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, string Value)> Lines =>
    [
        ("CPU", $"{CpuModel}, {CpuCount} CPUs ({Architecture}), SMT {Smt}, governor {Governor}"),
        ("allowed", $"CPUs {Affinity}, quota {CpuQuota}"),
        ("system", $"{Os}, kernel {Kernel}"),
        ("clock", string.Create(CultureInfo.InvariantCulture, $"{ClockSource}, {ClockCostNs:0.#} ns a look")),
        ("runtime", $"{Runtime}, GC {GcMode}, tiered PGO {TieredPgo}"),
        ("tester", $"LowLatency {Version}, commit {Commit}, {Date}"),
        ("command", CommandLine),
    ];

    /// <summary>What of it fits on one line.</summary>
    public override string ToString()
        => $"{CpuModel}, {CpuCount} CPUs, {Os}, kernel {Kernel}, {Runtime}, {Date[..10]}, LowLatency {Version}";

    private static string Quote(string argument) => argument.Length == 0 || argument.Any(NeedsQuotes) ? $"\"{argument}\"" : argument;

    // What the shell would take apart or for its own, where the line is used once more.
    private static bool NeedsQuotes(char character) => " <>&|;*?$!\\'".Contains(character, StringComparison.Ordinal);
}
