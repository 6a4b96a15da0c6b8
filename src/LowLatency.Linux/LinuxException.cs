using System.Runtime.InteropServices;

namespace LowLatency.Linux;

/// <summary>A system call failed in a way that its caller could not handle on the spot.</summary>
/// <param name="call">The system call, as the manual names it.</param>
/// <param name="error">What the kernel answered.</param>
public sealed class LinuxException(string call, Errno error)
    : IOException($"{call}: {Marshal.GetPInvokeErrorMessage((int)error)}")
{
    /// <summary>What the kernel answered.</summary>
    public Errno Error { get; } = error;
}
