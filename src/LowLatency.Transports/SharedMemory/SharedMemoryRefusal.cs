namespace LowLatency.Transports.SharedMemory;

/// <summary>Why a client did not get its rings.</summary>
public enum SharedMemoryRefusal
{
    /// <summary>Its user is none of those that may attach.</summary>
    NotAllowed,

    /// <summary>It did not speak the protocol, or not this version of it, or hung up on the way.</summary>
    Protocol,

    /// <summary>There is no memory for its rings, by the machine or by <see cref="SharedMemoryTransportOptions.MemoryBudgetBytes"/>.</summary>
    NoMemory,

    /// <summary>It was not done within <see cref="SharedMemoryTransportOptions.HandshakeTimeout"/>.</summary>
    TimedOut,

    /// <summary>It was not done when the server stopped, which is no fault of its.</summary>
    Stopping,
}
