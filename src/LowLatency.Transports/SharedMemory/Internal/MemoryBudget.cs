namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>How much memory the rings of all connections may take. Any thread.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _left = bytes;

    internal bool TryTake(long wanted)
    {
        if (Interlocked.Add(ref _left, -wanted) >= 0)
        {
            return true;
        }

        Return(wanted);
        return false;
    }

    internal void Return(long taken) => Interlocked.Add(ref _left, taken);
}
