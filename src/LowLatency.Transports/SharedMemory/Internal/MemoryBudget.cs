namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>How much memory the rings of all connections may take. Any thread.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _left = bytes;

    internal bool TryTake(long wanted)
    {
        long left = Volatile.Read(ref _left);
        while (left >= wanted)
        {
            // Taken or not, at once: who asks for too much does not take for a moment what another one asks for.
            long seen = Interlocked.CompareExchange(ref _left, left - wanted, left);
            if (seen == left)
            {
                return true;
            }

            left = seen;
        }

        return false;
    }

    internal void Return(long taken) => Interlocked.Add(ref _left, taken);
}
