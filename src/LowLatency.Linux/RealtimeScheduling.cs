namespace LowLatency.Linux;

/// <summary>SCHED_FIFO for the calling thread: nothing of lower priority runs on its CPU while it wants to.</summary>
/// <remarks>
/// Trades fairness for freedom from preemption. The kernel's real-time throttling
/// (<c>/proc/sys/kernel/sched_rt_runtime_us</c>) takes its share, 5 % by default, from a thread that spins.
/// </remarks>
public static unsafe class RealtimeScheduling
{
    private const int Fifo = 1;

    // A child that inherited SCHED_FIFO could starve the machine without having asked for it.
    private const int ResetOnFork = 0x40000000;

    /// <summary>The least and the greatest priority that the kernel takes.</summary>
    public static (int Least, int Greatest) Priorities => (1, 99);

    /// <summary>Makes the calling thread a real-time one.</summary>
    /// <param name="priority">1 (least) to 99.</param>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.NotPermitted"/> without CAP_SYS_NICE or RLIMIT_RTPRIO.</returns>
    public static Errno TrySetFifo(int priority)
        => Libc.SetScheduler(0, Fifo | ResetOnFork, &priority) == 0 ? Errno.None : (Errno)Libc.LastError;
}
