namespace LowLatency.Transports.SharedMemory;

/// <summary>What the shared-memory transport gives to its clients. How its loops wait is set where those of the busy-polled transport are.</summary>
public sealed class SharedMemoryTransportOptions
{
    /// <summary>Size of each of a connection's two rings, where neither the endpoint nor the client asks for another. Default: 64 KiB.</summary>
    /// <remarks>A power of two from 4 KiB to 64 MiB. A record takes a quarter at most: longer messages go through in pieces.</remarks>
    public int RingBytes { get; set; } = 64 * 1024;

    /// <summary>The largest ring that a client gets, in bytes: who asks for a larger one gets this. Default: 4 MiB.</summary>
    /// <remarks>At least what the endpoint gives without being asked.</remarks>
    public int MaxRingBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Memory for the rings of all connections, in bytes. Default: 512 MiB, about 3,970 clients with rings of 64 KiB. A client beyond it is refused.</summary>
    /// <remarks>
    /// It counts the rings of connections. A client that has detached and keeps its mapping keeps the pages, and they go on counting
    /// to the process that touched them first, which is the server: attach only users whom you trust with that memory.
    /// </remarks>
    public long MemoryBudgetBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>How long a client may take from its connect to its rings; a second where the listener stops. Default: 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Clients that may wait to be accepted. Default: 4,096.</summary>
    public int Backlog { get; set; } = 4096;
}
