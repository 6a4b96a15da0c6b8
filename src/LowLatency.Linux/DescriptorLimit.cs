namespace LowLatency.Linux;

/// <summary>How many descriptors the process may have open.</summary>
public static unsafe class DescriptorLimit
{
    // RLIMIT_NOFILE, the same on x86-64 and arm64.
    private const int OpenFiles = 7;

    /// <summary>
    /// The limit as it is now, which others may change at any time: the number of every new descriptor is below it. The kernel gives the
    /// lowest number that is free, so that one close to the limit is one of the last. A system call. Any thread.
    /// </summary>
    public static long Current
    {
        get
        {
            ulong* limits = stackalloc ulong[2];
            return Libc.GetLimit(OpenFiles, limits) == 0 && limits[0] < long.MaxValue ? (long)limits[0] : long.MaxValue;
        }
    }
}
