using LowLatency.Transports.Tests.Hosting;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>The mappings of rings in this process, of all connections of both halves.</summary>
internal static class Mappings
{
    internal static int Count => File.ReadLines("/proc/self/maps").Count(line => line.Contains("lowlatency-rings", StringComparison.Ordinal));

    internal static int OfAllKinds => File.ReadLines("/proc/self/maps").Count();

    internal static Task AreBackAt(int baseline)
        => Eventually.IsTrue(() => Count <= baseline, () => $"{Count} mappings of rings, {baseline} were at first.");
}
