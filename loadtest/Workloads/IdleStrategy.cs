namespace LowLatency.LoadTest.Workloads;

/// <summary>What a worker does while no reply has arrived.</summary>
internal enum IdleStrategy
{
    /// <summary>Asks again at once: the least latency, and a whole CPU.</summary>
    Spin,

    /// <summary>Sleeps in the kernel: leaves the CPU to others, and pays the wake-up with every reply.</summary>
    Block,
}
