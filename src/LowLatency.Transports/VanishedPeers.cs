using System.Net.Sockets;
using LowLatency.Linux;

namespace LowLatency.Transports;

/// <summary>The ends of connections that nobody tells of: a peer's machine has lost its power, or its cable.</summary>
internal static class VanishedPeers
{
    /// <summary>Minutes, where the kernel's own times are hours; longer than a route takes to change.</summary>
    internal static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Checks an option that somebody sets.</summary>
    internal static TimeSpan? Allowed(TimeSpan? value, string name)
    {
        if (value is TimeSpan timeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromDays(24), name);
        }

        return value;
    }

    /// <summary>On a TCP socket that listens: what it accepts inherits the settings.</summary>
    internal static void Detect(Socket listening, TimeSpan? timeout) => Detect((int)listening.Handle, timeout);

    /// <summary>On a TCP socket that is connected, or about to be.</summary>
    internal static void Detect(StreamSocket socket, TimeSpan? timeout) => Detect(socket.Descriptor, timeout);

    // Every Linux has these settings: where they fail, the connection has, and its next receive tells.
    private static void Detect(int descriptor, TimeSpan? timeout)
        => _ = timeout is TimeSpan limit ? KeepAlive.TrySet(descriptor, limit) : KeepAlive.TryEnable(descriptor);
}
