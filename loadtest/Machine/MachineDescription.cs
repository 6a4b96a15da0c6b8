using System.Runtime.InteropServices;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Machine;

/// <summary>What the machine says of itself; what it does not say is unknown, and never guessed.</summary>
internal static class MachineDescription
{
    public const string Unknown = "unknown";

    private const string Cpus = "sys/devices/system/cpu";

    /// <param name="root">Where <c>/proc</c> and <c>/sys</c> are; other than the root in tests.</param>
    public static string CpuModel(string root = "/")
        => SystemFile.Read(Path.Join(root, "proc/cpuinfo"))?.Split('\n')
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?
            .Split(':', 2)[1].Trim() ?? Unknown;

    /// <summary>How clock rates are chosen: a word, or several where the CPUs differ.</summary>
    public static string Governor(string root = "/")
    {
        string folder = Path.Join(root, Cpus);
        string[] governors = !Directory.Exists(folder) ? [] :
            [.. Directory.EnumerateDirectories(folder, "cpu*")
                .Select(cpu => SystemFile.Read(Path.Join(cpu, "cpufreq/scaling_governor")))
                .OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return governors.Length > 0 ? string.Join(", ", governors) : Unknown;
    }

    /// <summary>Whether CPUs share cores.</summary>
    public static string Smt(string root = "/") => SystemFile.Read(Path.Join(root, Cpus, "smt/active")) switch
    {
        "0" => "off",
        "1" => "on",
        _ => Unknown,
    };

    /// <summary>Where the kernel takes the time from.</summary>
    public static string ClockSource(string root = "/")
        => SystemFile.Read(Path.Join(root, "sys/devices/system/clocksource/clocksource0/current_clocksource")) ?? Unknown;

    public static string Kernel(string root = "/") => SystemFile.Read(Path.Join(root, "proc/sys/kernel/osrelease")) ?? Unknown;

    /// <summary>The CPUs that the process may run on, such as <c>0-3,8</c>.</summary>
    public static string Affinity => OperatingSystem.IsLinux() ? Ranges(CpuAffinity.Current) : Unknown;

    public static string Architecture => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    internal static string Ranges(IReadOnlyList<int> ascending)
    {
        var ranges = new List<string>();
        for (int first = 0; first < ascending.Count;)
        {
            int last = first;
            while (last + 1 < ascending.Count && ascending[last + 1] == ascending[last] + 1)
            {
                last++;
            }

            ranges.Add(first == last ? $"{ascending[first]}" : $"{ascending[first]}-{ascending[last]}");
            first = last + 1;
        }

        return string.Join(',', ranges);
    }
}
