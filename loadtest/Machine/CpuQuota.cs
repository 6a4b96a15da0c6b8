using System.Globalization;

namespace LowLatency.LoadTest.Machine;

/// <summary>How much of the CPUs the process's control group may use, of either version.</summary>
internal static class CpuQuota
{
    private const string None = "none";

    /// <summary>The least quota on the way to the root, in CPUs; or none, or unknown.</summary>
    /// <param name="root">Where <c>/proc</c> and <c>/sys</c> are; other than the root in tests.</param>
    public static string Read(string root = "/")
    {
        string? membership = SystemFile.Read(Path.Join(root, "proc/self/cgroup"));
        if (membership is null)
        {
            return MachineDescription.Unknown;
        }

        double? least = null;
        bool wasFound = false;
        foreach (string[] entry in membership.Split('\n').Select(line => line.Split(':', 3)).Where(entry => entry.Length == 3))
        {
            (string controllers, string path) = (entry[1], entry[2]);
            bool isSecondVersion = entry[0] == "0" && controllers.Length == 0;
            if (!isSecondVersion && !controllers.Split(',').Contains("cpu"))
            {
                continue;
            }

            // A quota further up holds as well. In a container the path may not be there, and its own group is the mount's root.
            string mount = Path.Join(root, "sys/fs/cgroup", isSecondVersion ? "" : "cpu");
            for (string? group = path; group is not null; group = group.Length > 1 ? Path.GetDirectoryName(group) : null)
            {
                string folder = Path.Join(mount, group);
                (bool isThere, double? quota) = isSecondVersion ? SecondVersion(folder) : FirstVersion(folder);
                wasFound |= isThere;
                least = quota is double cpus ? Math.Min(cpus, least ?? cpus) : least;
            }
        }

        return least is double limit ? limit.ToString("0.##", CultureInfo.InvariantCulture)
            : wasFound ? None
            : IsRootOfSecondVersion(root) ? None
            : MachineDescription.Unknown;
    }

    // The root group has no limit and so no file of one.
    private static bool IsRootOfSecondVersion(string root)
        => SystemFile.Read(Path.Join(root, "sys/fs/cgroup/cgroup.controllers"))?.Split(' ').Contains("cpu") == true;

    private static (bool IsThere, double? Quota) SecondVersion(string folder)
        => SystemFile.Read(Path.Join(folder, "cpu.max"))?.Split(' ') is [string quota, string period] ? (true, Ratio(quota, period)) : (false, null);

    private static (bool IsThere, double? Quota) FirstVersion(string folder)
        => SystemFile.Read(Path.Join(folder, "cpu.cfs_quota_us")) is string quota && SystemFile.Read(Path.Join(folder, "cpu.cfs_period_us")) is string period
            ? (true, Ratio(quota, period))
            : (false, null);

    // "max" and -1 are no limit.
    private static double? Ratio(string quota, string period)
        => long.TryParse(quota, CultureInfo.InvariantCulture, out long time) && time > 0 && long.TryParse(period, CultureInfo.InvariantCulture, out long of)
            ? (double)time / of
            : null;
}
