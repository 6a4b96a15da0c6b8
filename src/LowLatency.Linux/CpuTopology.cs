using System.Globalization;

namespace LowLatency.Linux;

/// <summary>How much of the machine the process has.</summary>
public static class CpuTopology
{
    /// <summary>CPUs that the process may run on, as a count and, below one CPU's worth each, as the cgroup's quota allows.</summary>
    /// <remarks>A container with a quota of 1.5 CPUs has 1.5 here, however many CPUs it sees.</remarks>
    public static double AvailableCpus
    {
        get
        {
            double allowed = OperatingSystem.IsLinux() ? CpuAffinity.OfProcess.Count : Environment.ProcessorCount;
            return Math.Min(allowed, CgroupQuota("/proc/self/cgroup", "/sys/fs/cgroup") ?? allowed);
        }
    }

    /// <summary>The least CPU quota on the way from the process's cgroup to the root, in CPUs; <c>null</c> for no limit.</summary>
    internal static double? CgroupQuota(string membership, string mount)
    {
        if (!File.Exists(membership))
        {
            return null;
        }

        // Version 2 has the one line "0::/path"; version 1 keeps its quota under the cpu controller's own mount.
        string? path = File.ReadLines(membership).FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        double? least = null;
        while (path is not null)
        {
            if (ReadQuota(Path.Join(mount, path, "cpu.max")) is double quota)
            {
                least = Math.Min(quota, least ?? quota);
            }

            path = path.Length > 1 ? Path.GetDirectoryName(path) : null;
        }

        return least;
    }

    private static double? ReadQuota(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        string[] parts = File.ReadAllText(file).Trim().Split(' ');
        return parts.Length == 2
            && double.TryParse(parts[0], CultureInfo.InvariantCulture, out double quota)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double period)
                ? quota / period
                : null;
    }
}
