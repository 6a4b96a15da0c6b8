namespace LowLatency.Linux;

/// <summary>The descriptors of the process.</summary>
public static unsafe class DescriptorTable
{
    // RLIMIT_NOFILE, the same on x86-64 and arm64.
    private const int OpenFiles = 7;

    private const string Descriptors = "/proc/self/fd";
    private const int WorkingDirectory = -100;
    private const uint WantSize = 0x200;

    // struct statx has one layout on every architecture.
    private const int StatusBytes = 256;
    private const int SizeOffset = 40;

    /// <summary>
    /// Whether one was among the last when it was opened: the kernel gives the lowest number that is free, and each is below the limit.
    /// Where some with lower numbers were closed, it may have been the last and not look it. A system call. Any thread.
    /// </summary>
    public static bool IsNearEnd(int descriptor)
    {
        const int Near = 16;
        ulong* limits = stackalloc ulong[2];
        return Libc.GetLimit(OpenFiles, limits) == 0 && (ulong)descriptor + Near >= limits[0];
    }

    /// <summary>How many more it may open; none where a limit was set below what is open. Two system calls, and no descriptor. Any thread.</summary>
    /// <returns><c>null</c> where the kernel does not tell: before Linux 6.2, or without /proc.</returns>
    public static long? CountFree()
    {
        ulong* limits = stackalloc ulong[2];
        byte* status = stackalloc byte[StatusBytes];
        if (Libc.GetLimit(OpenFiles, limits) != 0 || Libc.Status(WorkingDirectory, Descriptors, 0, WantSize, status) != 0)
        {
            return null;
        }

        // The size of that folder is the number of open descriptors. There are some, at any time.
        ulong open = *(ulong*)(status + SizeOffset);
        return open == 0 ? null : (long)Math.Min(limits[0] - Math.Min(open, limits[0]), long.MaxValue);
    }
}
