using Microsoft.Win32.SafeHandles;

namespace LowLatency.Linux;

/// <summary>A memfd: memory that has a descriptor, no path, and seals against what the other side of it could do.</summary>
/// <remarks>
/// Closing it leaves its mappings alone; the memory goes when the last descriptor and the last mapping have gone, in whatever
/// process.
/// </remarks>
public sealed unsafe class MemoryFile : SafeHandleMinusOneIsInvalid
{
    private const uint CloseOnExec = 0x1;
    private const uint AllowSealing = 0x2;
    private const uint NeverExecutable = 0x8;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;

    // Of struct statx.
    private const int DescriptorItself = 0x1000;
    private const uint WantSize = 0x200;
    private const int StatusBytes = 256;
    private const int SizeOffset = 40;

    private MemoryFile(int descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The descriptor's number.</summary>
    public int Descriptor => (int)handle;

    /// <summary>Takes a descriptor over, for example one that was received. It may be anything until <see cref="TryGetSeals"/> succeeds.</summary>
    /// <param name="descriptor">A descriptor that nobody else closes.</param>
    public static MemoryFile Own(int descriptor) => new(descriptor);

    /// <summary>Makes one whose memory is there: zeros, allocated at once and counted for this process.</summary>
    /// <param name="name">What <c>/proc/self/maps</c> shows; need not be unique. 249 bytes at most.</param>
    /// <param name="bytes">
    /// How long. The kernel has no limit of its own to this: what the machine or the cgroup cannot spare may end in its killing
    /// processes, so that a budget is the caller's.
    /// </param>
    /// <param name="file">A file that can be sealed and, where the kernel knows that, is <see cref="MemorySeals.Exec"/> already.</param>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.NoMemory"/> or <see cref="Errno.NoSpace"/> when there is no memory; else why the
    /// kernel refused.
    /// </returns>
    public static Errno TryCreate(string name, long bytes, out MemoryFile? file)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        file = null;
        Errno error = TryOpen(name, out int descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        var candidate = new MemoryFile(descriptor);
        error = candidate.TryAllocate(bytes);
        if (error != Errno.None)
        {
            candidate.Dispose();
            return error;
        }

        file = candidate;
        return Errno.None;
    }

    /// <summary>Adds seals to those it has.</summary>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.NotPermitted"/> when it has <see cref="MemorySeals.Seal"/> or is not open for
    /// writing; <see cref="Errno.Busy"/> as for <see cref="MemorySeals.Write"/>; <see cref="Errno.Invalid"/> for what cannot be
    /// sealed, or a seal that the kernel does not know.
    /// </returns>
    public Errno TryAddSeals(MemorySeals seals)
        => Libc.FileControl((int)handle, AddSeals, (nint)seals) == 0 ? Errno.None : (Errno)Libc.LastError;

    /// <summary>Reads its seals. Of a descriptor that was received this is the first thing to ask.</summary>
    /// <returns>
    /// <see cref="Errno.None"/>: it is memory, though it may not have been allocated; <see cref="Errno.Invalid"/> or
    /// <see cref="Errno.BadDescriptor"/>: it is something else.
    /// </returns>
    public Errno TryGetSeals(out MemorySeals seals)
    {
        int value = Libc.FileControl((int)handle, GetSeals, 0);
        seals = value >= 0 ? (MemorySeals)value : MemorySeals.None;
        return value >= 0 ? Errno.None : (Errno)Libc.LastError;
    }

    /// <summary>Reads its length in bytes, which is final once it has <see cref="MemorySeals.Shrink"/> and <see cref="MemorySeals.Grow"/>.</summary>
    /// <returns><see cref="Errno.None"/>, or why the kernel told nothing.</returns>
    public Errno TryGetLength(out long length)
    {
        byte* status = stackalloc byte[StatusBytes];
        if (Libc.Status((int)handle, "", DescriptorItself, WantSize, status) != 0)
        {
            length = 0;
            return (Errno)Libc.LastError;
        }

        length = *(long*)(status + SizeOffset);
        return Errno.None;
    }

    private static Errno TryOpen(string name, out int descriptor)
    {
        descriptor = Libc.MemoryFileDescriptor(name, CloseOnExec | AllowSealing | NeverExecutable);
        if (descriptor < 0 && Libc.LastError == (int)Errno.Invalid)
        {
            // Before Linux 6.3 the flag is unknown.
            descriptor = Libc.MemoryFileDescriptor(name, CloseOnExec | AllowSealing);
        }

        return descriptor >= 0 ? Errno.None : (Errno)Libc.LastError;
    }

    private Errno TryAllocate(long bytes)
    {
        if (Libc.Truncate((int)handle, bytes) != 0)
        {
            return (Errno)Libc.LastError;
        }

        while (Libc.Allocate((int)handle, 0, 0, bytes) != 0)
        {
            // A signal undoes what was allocated so far, and the garbage collector sends some.
            if (Libc.LastError != (int)Errno.Interrupted)
            {
                return (Errno)Libc.LastError;
            }
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
