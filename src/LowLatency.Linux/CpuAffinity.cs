using System.Diagnostics;
using System.Globalization;

namespace LowLatency.Linux;

/// <summary>Which CPUs the calling thread may run on.</summary>
/// <remarks>
/// New threads and processes inherit the mask of the thread that starts them: pin a thread of your own, after it has started
/// all others. Masks of any length are handled, not only those of 64 CPUs.
/// </remarks>
public static unsafe class CpuAffinity
{
    // The kernel refuses a mask shorter than its own; 1 KiB covers 8,192 CPUs, the most that Linux is built for.
    private const int MaskBytes = 1024;

    /// <summary>The CPUs that the calling thread may use, in ascending order.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IReadOnlyList<int> Current => Of(0);

    /// <summary>The CPUs that the process was given: those of its first thread, whatever others have been bound to.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IReadOnlyList<int> OfProcess => Of(Environment.ProcessId);

    /// <summary>Binds the calling thread to some CPUs.</summary>
    /// <param name="cpus">The CPUs' numbers, as in <c>/proc/cpuinfo</c>.</param>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.Invalid"/> when none of them exists or may be used.</returns>
    public static Errno TrySet(params ReadOnlySpan<int> cpus) => TrySetThread(0, cpus);

    /// <summary>Binds every thread of another process, and so those that they start later.</summary>
    /// <remarks>
    /// Unlike a mask that a process is started under, this leaves it the choices that it has made by the number of CPUs it saw.
    /// </remarks>
    /// <param name="process">A child that was started by this process and not yet disposed: its number cannot be another's.</param>
    /// <param name="cpus">The CPUs' numbers.</param>
    /// <returns>As for <see cref="TrySet"/>; <see cref="Errno.None"/> too when the process has ended.</returns>
    public static Errno TrySetAllThreads(Process process, params ReadOnlySpan<int> cpus)
    {
        ArgumentNullException.ThrowIfNull(process);
        var bound = new HashSet<int>();
        while (!process.HasExited && ThreadsOf(process).FirstOrDefault(thread => !bound.Contains(thread)) is var next and not 0)
        {
            // A thread that has ended meanwhile needs no CPU.
            if (TrySetThread(next, cpus) is var error and not (Errno.None or Errno.NoSuchProcess))
            {
                return error;
            }

            bound.Add(next);
        }

        return Errno.None;
    }

    private static List<int> Of(int thread)
    {
        byte* mask = stackalloc byte[MaskBytes];
        int length = Libc.GetAffinity(thread, MaskBytes, mask);
        if (length < 0)
        {
            throw new LinuxException("sched_getaffinity", (Errno)Libc.LastError);
        }

        var cpus = new List<int>();
        for (int cpu = 0; cpu < MaskBytes * 8; cpu++)
        {
            if ((mask[cpu / 8] & (1 << (cpu % 8))) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return cpus;
    }

    private static IEnumerable<int> ThreadsOf(Process process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process.Id}/task").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static Errno TrySetThread(int thread, ReadOnlySpan<int> cpus)
    {
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        foreach (int cpu in cpus)
        {
            if (cpu is < 0 or >= MaskBytes * 8)
            {
                return Errno.Invalid;
            }

            mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        }

        return Libc.SetAffinity(thread, MaskBytes, mask) == 0 ? Errno.None : (Errno)Libc.LastError;
    }
}
