namespace LowLatency.Transports.Tests.Hosting;

/// <summary>The Unix sockets that the kernel knows.</summary>
internal static class UnixSockets
{
    /// <summary>The one that listens at a path, those that were accepted there, and those in its queue.</summary>
    internal static int At(string path) => File.ReadLines("/proc/net/unix").Count(line => line.EndsWith(path, StringComparison.Ordinal));
}
