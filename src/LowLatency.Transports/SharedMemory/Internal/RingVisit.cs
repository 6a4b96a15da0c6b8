using System.Runtime.InteropServices;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>Which rings a thread is at work on, so that nobody takes the memory away under it.</summary>
/// <remarks>
/// <para>
/// A handler may have ended while something that it started still writes on another thread. Over a socket that is an error of
/// the application's; over mapped memory it would be the death of the process.
/// </para>
/// <para>
/// A visit must cost next to nothing, an end may cost something: the visitor stores where it is and then reads whether the
/// rings are severed, without a fence between; who releases them severs, has every CPU of the process pass a fence, and then
/// looks at the visits. Whatever the order, one of the two sees the other.
/// </para>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal sealed class RingVisit
{
    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<RingVisit>> All = [];
    private static long _lastId;

    [ThreadStatic]
    private static RingVisit? _ofThisThread;

    // In the middle of two lines of its own: each thread writes to its own all the time.
    [FieldOffset(128)]
    private long _rings;

    /// <summary>A number for a pair of rings, which no other ever has.</summary>
    internal static long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>This thread goes to work; what it must not miss, it reads afterwards.</summary>
    internal static RingVisit Begin(long rings)
    {
        RingVisit visit = _ofThisThread ?? Register();
        Volatile.Write(ref visit._rings, rings);
        return visit;
    }

    internal void End() => Volatile.Write(ref _rings, 0);

    /// <summary>Whether any thread is at work on rings that were severed before. A visit that begins later sees that they are.</summary>
    internal static bool IsUnderWay(long rings)
    {
        Interlocked.MemoryBarrierProcessWide();
        lock (Gate)
        {
            foreach (WeakReference<RingVisit> each in All)
            {
                if (each.TryGetTarget(out RingVisit? visit) && Volatile.Read(ref visit._rings) == rings)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static RingVisit Register()
    {
        var visit = new RingVisit();
        lock (Gate)
        {
            // Those of threads that have ended.
            All.RemoveAll(static each => !each.TryGetTarget(out _));
            All.Add(new WeakReference<RingVisit>(visit));
        }

        return _ofThisThread = visit;
    }
}
