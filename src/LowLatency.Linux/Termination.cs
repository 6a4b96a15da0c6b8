using System.Diagnostics;

namespace LowLatency.Linux;

/// <summary>Asks a process to end in good order, which the framework's <see cref="Process.Kill()"/> does not.</summary>
public static class Termination
{
    private const int Terminate = 15;

    /// <summary>Sends SIGTERM.</summary>
    /// <param name="process">A child that was started by this process and not yet disposed: its number cannot be another's.</param>
    /// <returns><see cref="Errno.None"/>, also when it has ended already; else why the kernel refused.</returns>
    public static Errno TryRequest(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.HasExited || Libc.Kill(process.Id, Terminate) == 0 ? Errno.None : (Errno)Libc.LastError;
    }
}
