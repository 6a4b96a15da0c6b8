using System.Diagnostics;

namespace LowLatency.Linux;

/// <summary>Stops a process where it stands and lets it go on, without its help: a server that spins then costs nobody a CPU.</summary>
/// <remarks>
/// What it had is kept: memory, connections, compiled code. A stopped process ends only by SIGKILL; anything gentler waits
/// until it goes on.
/// </remarks>
public static class Suspension
{
    // The same on x86-64 and arm64.
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>Sends SIGSTOP, which no process can refuse. Its threads stop a moment later.</summary>
    /// <param name="process">A child that was started by this process and not yet disposed: its number cannot be another's.</param>
    /// <returns><see cref="Errno.None"/>, also when it has ended already; else why the kernel refused.</returns>
    public static Errno TryStop(Process process) => Send(process, Stop);

    /// <summary>Sends SIGCONT.</summary>
    /// <param name="process">As for <see cref="TryStop"/>.</param>
    /// <returns>As for <see cref="TryStop"/>.</returns>
    public static Errno TryContinue(Process process) => Send(process, Continue);

    private static Errno Send(Process process, int signal)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.HasExited || Libc.Kill(process.Id, signal) == 0 ? Errno.None : (Errno)Libc.LastError;
    }
}
