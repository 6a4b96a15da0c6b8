namespace LowLatency.Linux;

/// <summary>Keeps the process's pages in memory once they have been touched.</summary>
public static class MemoryLock
{
    private const int Current = 1;
    private const int Future = 2;

    // Without it every reservation counts in full, and the garbage collector reserves hundreds of gigabytes.
    private const int OnFault = 4;

    /// <summary>Locks what is mapped now and what will be, page by page as it is touched.</summary>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.NoMemory"/> or <see cref="Errno.NotPermitted"/> when RLIMIT_MEMLOCK is too
    /// small and CAP_IPC_LOCK is missing.
    /// </returns>
    public static Errno TryLockAll()
        => Libc.LockAllMemory(Current | Future | OnFault) == 0 ? Errno.None : (Errno)Libc.LastError;
}
