using Microsoft.Win32.SafeHandles;

namespace LowLatency.Linux;

/// <summary>Ranges of a <see cref="MemoryFile"/> one behind the other in memory, shared and writable.</summary>
/// <remarks>
/// The same range twice in a row makes a ring's end run into its beginning. Children do not get the mapping and core dumps leave
/// it out. Where the file is cut short the process dies at the next touch (SIGBUS), unless the file has
/// <see cref="MemorySeals.Shrink"/>.
/// </remarks>
public sealed unsafe class MemoryMapping : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int NoAccess = 0;
    private const int ReadAndWrite = 0x1 | 0x2;
    private const int Shared = 0x1;
    private const int Private = 0x2;
    private const int Fixed = 0x10;
    private const int Anonymous = 0x20;
    private const int NoReserve = 0x4000;
    private const nint Failed = -1;

    private const int DoNotFork = 10;
    private const int DoNotDump = 16;
    private const int PopulateWritable = 23;

    private MemoryMapping(nint start) : base(ownsHandle: true) => SetHandle(start);

    /// <summary>The first byte. Valid until the mapping is disposed, which is up to its owner: nothing guards the pointer.</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Bytes in all ranges together.</summary>
    public nint Length { get; private set; }

    /// <summary>Maps ranges of a file in the order given.</summary>
    /// <param name="file">What to map; it may be closed afterwards.</param>
    /// <param name="ranges">Which parts of it; the same one may come several times.</param>
    /// <param name="mapping">The memory, not yet touched: see <see cref="TryPopulate"/>.</param>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.Invalid"/> for no range, one that is not in whole pages, or one that reaches
    /// beyond the file; <see cref="Errno.NotPermitted"/> when a seal forbids to write; <see cref="Errno.NoMemory"/>, and
    /// <see cref="Errno.Again"/> by RLIMIT_MEMLOCK when all memory is locked.
    /// </returns>
    public static Errno TryMap(MemoryFile file, ReadOnlySpan<MemoryRange> ranges, out MemoryMapping? mapping)
    {
        ArgumentNullException.ThrowIfNull(file);
        mapping = null;
        Errno error = file.TryGetLength(out long fileLength);
        if (error != Errno.None)
        {
            return error;
        }

        if (!TryAdd(ranges, fileLength, out nint length))
        {
            return Errno.Invalid;
        }

        // Addresses only, which keeps everybody else out of the places that the ranges are then laid over.
        nint start = Libc.Map(null, length, NoAccess, Private | Anonymous | NoReserve, -1, 0);
        if (start == Failed)
        {
            return (Errno)Libc.LastError;
        }

        var candidate = new MemoryMapping(start);
        error = candidate.TryLay(file, ranges);
        if (error != Errno.None)
        {
            candidate.Dispose();
            return error;
        }

        // Both are a courtesy: without them it works as well.
        _ = Libc.Advise(candidate.Start, length, DoNotFork);
        _ = Libc.Advise(candidate.Start, length, DoNotDump);
        mapping = candidate;
        return Errno.None;
    }

    /// <summary>Makes every page present and writable now, without changing it, so that no later touch has to wait or can fail.</summary>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.NoMemory"/>; <see cref="Errno.BadAddress"/> when the file is shorter than what
    /// is mapped of it; <see cref="Errno.HardwarePoison"/>. Before Linux 5.14 the pages are touched one by one, and what is an
    /// error here is the death of the process there.
    /// </returns>
    public Errno TryPopulate()
    {
        while (Libc.Advise(Start, Length, PopulateWritable) != 0)
        {
            switch ((Errno)Libc.LastError)
            {
                case Errno.Interrupted:
                    break;
                case Errno.Invalid:
                    TouchEveryPage();
                    return Errno.None;
                case var error:
                    return error;
            }
        }

        return Errno.None;
    }

    /// <summary>What <see cref="TryPopulate"/> does for a kernel that cannot.</summary>
    internal void TouchEveryPage()
    {
        for (nint offset = 0; offset < Length; offset += Environment.SystemPageSize)
        {
            // A write, or the page is only mapped to be read; an atomic one, for the other side may be writing there.
            Interlocked.Or(ref *(int*)(Start + offset), 0);
        }
    }

    private static bool TryAdd(ReadOnlySpan<MemoryRange> ranges, long fileLength, out nint length)
    {
        length = 0;
        foreach (MemoryRange range in ranges)
        {
            if (!range.IsWithin(fileLength) || range.Length > nint.MaxValue - length)
            {
                return false;
            }

            length += (nint)range.Length;
        }

        return length > 0;
    }

    // A failure may leave a hole in the reservation, which another thread has filled by now. The length therefore covers what is
    // known to be ours and no more: what is not unmapped then is addresses without memory.
    private Errno TryLay(MemoryFile file, ReadOnlySpan<MemoryRange> ranges)
    {
        foreach (MemoryRange range in ranges)
        {
            nint place = Libc.Map(Start + Length, (nint)range.Length, ReadAndWrite, Shared | Fixed, file.Descriptor, range.Offset);
            if (place == Failed)
            {
                return (Errno)Libc.LastError;
            }

            Length += (nint)range.Length;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Length == 0 || Libc.Unmap(handle, Length) == 0;
}
