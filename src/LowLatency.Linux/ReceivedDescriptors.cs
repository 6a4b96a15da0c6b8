namespace LowLatency.Linux;

/// <summary>The descriptors that came along with the bytes of one receive.</summary>
/// <param name="First">The first of them, closed on exec and now the caller's to close; -1 when none came.</param>
/// <param name="Count">How many came; all but the first have been closed.</param>
/// <param name="Truncated">There were more that the kernel has dropped: the process is out of descriptors, or is not allowed them.</param>
public readonly record struct ReceivedDescriptors(int First, int Count, bool Truncated)
{
    /// <summary>Nothing came along.</summary>
    public static ReceivedDescriptors None { get; } = new(-1, 0, false);

    /// <summary>One came along and no other.</summary>
    public bool IsOne => Count == 1 && !Truncated;
}
