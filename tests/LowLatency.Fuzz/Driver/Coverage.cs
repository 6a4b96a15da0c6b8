using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace LowLatency.Fuzz.Driver;

/// <summary>Which ways through the instrumented assemblies an input has taken, and whether anyone took them before.</summary>
/// <remarks>
/// AFL's map: a counter per pair of branches, in powers of two. Without instrumentation it stays empty, and no input is ever new.
/// The threads of a target share it, so that a way may be counted that nobody took: a corpus grows by a few inputs too many.
/// </remarks>
internal sealed unsafe class Coverage
{
    private const int MapBytes = 1 << 16;

    private readonly byte[] _seen = new byte[MapBytes];
    private readonly byte* _map;

    internal Coverage()
    {
        // For as long as the process lives: what is instrumented writes there at any time.
        _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
        Trace.SharedMem = _map;
    }

    /// <summary>Ways seen so far.</summary>
    internal int Ways { get; private set; }

    internal void Begin()
    {
        new Span<byte>(_map, MapBytes).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the run since <see cref="Begin"/> has gone where none has gone before.</summary>
    internal bool End()
    {
        bool isNew = false;
        var words = new ReadOnlySpan<ulong>(_map, MapBytes / sizeof(ulong));
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] != 0)
            {
                isNew |= Merge(word * sizeof(ulong));
            }
        }

        return isNew;
    }

    private bool Merge(int from)
    {
        bool isNew = false;
        for (int index = from; index < from + sizeof(ulong); index++)
        {
            byte bucket = Bucket(_map[index]);
            if ((bucket & ~_seen[index]) != 0)
            {
                Ways += _seen[index] == 0 ? 1 : 0;
                _seen[index] |= bucket;
                isNew = true;
            }
        }

        return isNew;
    }

    private static byte Bucket(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
