namespace LowLatency.Transports.Tests.Hosting;

/// <summary>The open descriptors of this process.</summary>
internal static class Descriptors
{
    internal static int Count => Directory.GetFiles("/proc/self/fd").Length;

    /// <summary>Waits until no more are open than before; a few that belong to the runtime may come and go.</summary>
    internal static Task AreBackAt(int baseline, int tolerance = 8)
        => Eventually.IsTrue(() => Count <= baseline + tolerance, () => $"{Count} descriptors are open, {baseline} were at first: {Listing}");

    private static string Listing => string.Join(", ", Directory.GetFiles("/proc/self/fd")
        .Select(file => new FileInfo(file).LinkTarget?.Split(':')[0] ?? "gone")
        .CountBy(kind => kind)
        .Select(kind => $"{kind.Value} {kind.Key}"));
}
