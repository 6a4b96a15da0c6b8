using System.Runtime.InteropServices;

namespace LowLatency.Linux;

/// <summary>The numbers of the system calls that are made without the C library's wrapper; they differ by architecture.</summary>
/// <remarks>Sources: <c>arch/x86/entry/syscalls/syscall_64.tbl</c> and <c>include/uapi/asm-generic/unistd.h</c> of the kernel.</remarks>
internal static class SystemCallNumbers
{
    internal static readonly nint ReceiveFrom = ForArchitecture(x64: 45, arm64: 207);
    internal static readonly nint SendTo = ForArchitecture(x64: 44, arm64: 206);

    private static nint ForArchitecture(nint x64, nint arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        var other => throw new PlatformNotSupportedException($"The system calls of {other} are not known here; x86-64 and arm64 are."),
    };
}
