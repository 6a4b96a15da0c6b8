using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LowLatency.Transports.Polling;

/// <summary>Asks the CPU to fetch what will be used soon, and goes on meanwhile.</summary>
/// <remarks>A hint: it reads nothing, cannot fault, and does nothing on CPUs for which .NET offers no such instruction.</remarks>
internal static unsafe class CachePrefetch
{
    private const int LineBytes = 64;

    /// <summary>Fetches lines of an object, counted from its start: negative ones lie before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Lines(object? target, int from, int to)
    {
        if (Sse.IsSupported && target is not null)
        {
            // Where the collector moves the object meanwhile, the hint is merely of no use.
            byte* start = *(byte**)Unsafe.AsPointer(ref target);
            for (int line = from; line < to; line++)
            {
                Sse.Prefetch0(start + (line * LineBytes));
            }
        }
    }

    /// <summary>Fetches the line that a value starts in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Line<T>(ref T target)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref target));
        }
    }
}
