namespace LowLatency.Transports.Tests.Hosting;

/// <summary>The sockets, epolls and bells that this process has open. Not its files: the runtime keeps what it loads.</summary>
internal static class Descriptors
{
    internal static int Count => Kinds.Count();

    private static IEnumerable<string> Kinds => Directory.GetFiles("/proc/self/fd")
        .Select(file => new FileInfo(file).LinkTarget?.Split('[')[0] ?? "")
        .Where(target => target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal));

    /// <summary>Waits until no more are open than before; a few that belong to the runtime may come and go.</summary>
    internal static Task AreBackAt(int baseline, int tolerance = 8)
        => Eventually.IsTrue(() => Count <= baseline + tolerance, () => $"{Count} descriptors are open, {baseline} were at first: {Listing}");

    private static string Listing => string.Join(", ", Kinds.CountBy(kind => kind).Select(kind => $"{kind.Value} {kind.Key}"));
}
