using System.Runtime.InteropServices;
using LowLatency.Linux;
using LowLatency.Transports.SharedMemory.Internal;

namespace LowLatency.Fuzz.Targets.Rings;

/// <summary>A ring between pages that nobody may touch: an access outside of it ends the process.</summary>
internal sealed unsafe partial class GuardedRing : IDisposable
{
    private const int NoAccess = 0;

    private readonly MemoryFile _file;
    private readonly MemoryMapping _mapping;

    internal GuardedRing()
    {
        long page = Environment.SystemPageSize;
        Bytes = (uint)page;
        Check(MemoryFile.TryCreate("lowlatency-fuzz", 3 * page, out MemoryFile? file));
        _file = file!;
        var guard = new MemoryRange(0, page);
        var ring = new MemoryRange(page, page);
        Check(MemoryMapping.TryMap(_file, [guard, ring, ring, guard, new MemoryRange(2 * page, page), guard], out MemoryMapping? mapping));
        _mapping = mapping!;
        foreach (int index in (int[])[0, 3, 5])
        {
            if (Protect(_mapping.Start + (index * page), (nuint)page, NoAccess) != 0)
            {
                throw new InvalidOperationException("The guard pages cannot be protected.");
            }
        }

        Data = _mapping.Start + page;
        WordsPage = _mapping.Start + (4 * page);
        Words = new RingWords(Data, WordsPage, Bytes);
    }

    internal uint Bytes { get; }

    internal byte* Data { get; }

    internal byte* WordsPage { get; }

    internal RingWords Words { get; }

    internal byte this[ulong position] => Data[position % Bytes];

    internal uint CommitWordAt(ulong position) => *(uint*)(Data + (position % Bytes));

    internal void Clear()
    {
        new Span<byte>(Data, (int)Bytes).Clear();
        new Span<byte>(WordsPage, (int)Bytes).Clear();
    }

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
    }

    private static void Check(Errno error)
    {
        if (error != Errno.None)
        {
            throw new LinuxException("map", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(byte* start, nuint length, int protection);
}
