namespace LowLatency.Linux;

/// <summary>Has the kernel end TCP connections whose peer has vanished: its machine or the network has gone, and no packet tells of it.</summary>
/// <remarks>
/// A listening socket passes these settings on to what it accepts, so that they cost nothing per connection. See tcp(7).
/// </remarks>
public static unsafe class KeepAlive
{
    private const int SocketLevel = 1;
    private const int KeepAliveOption = 9;
    private const int TcpLevel = 6;
    private const int IdleOption = 4;
    private const int IntervalOption = 5;
    private const int UserTimeoutOption = 18;

    // The kernel takes no more.
    private const int LongestSeconds = 32767;

    /// <summary>Switches keep-alive on by the kernel's own times: with the usual ones a silent connection is given up after two hours.</summary>
    /// <param name="descriptor">A TCP socket, connected or listening.</param>
    /// <returns><see cref="Errno.None"/>, or why not.</returns>
    public static Errno TryEnable(int descriptor) => TrySet(descriptor, SocketLevel, KeepAliveOption, 1);

    /// <summary>Switches keep-alive on, and sets how long a peer may leave bytes or probes unanswered.</summary>
    /// <remarks>
    /// Probes begin after half of that time without a word from the peer, and repeat in quarters of it (TCP_KEEPIDLE, TCP_KEEPINTVL).
    /// TCP_USER_TIMEOUT bounds what was sent and is not acknowledged, and takes the place of a number of probes.
    /// </remarks>
    /// <param name="descriptor">A TCP socket, connected or listening.</param>
    /// <param name="timeout">Rounded up to whole seconds.</param>
    /// <returns><see cref="Errno.None"/>, or why not; a connection that has been reset meanwhile has none of the settings.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not above zero, or above 24 days.</exception>
    public static Errno TrySet(int descriptor, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout.TotalMilliseconds, int.MaxValue - 1000);
        int seconds = (int)Math.Ceiling(timeout.TotalSeconds);
        Errno error = TryEnable(descriptor);
        error = error == Errno.None ? TrySet(descriptor, TcpLevel, IdleOption, Math.Clamp(seconds / 2, 1, LongestSeconds)) : error;
        error = error == Errno.None ? TrySet(descriptor, TcpLevel, IntervalOption, Math.Clamp(seconds / 4, 1, LongestSeconds)) : error;
        return error == Errno.None ? TrySet(descriptor, TcpLevel, UserTimeoutOption, 1000 * seconds) : error;
    }

    private static Errno TrySet(int descriptor, int level, int name, int value)
        => Libc.SetSocketOption(descriptor, level, name, &value, sizeof(int)) == 0 ? Errno.None : (Errno)Libc.LastError;
}
