namespace LowLatency.Linux;

/// <summary>What nobody can do to a <see cref="MemoryFile"/> any more. A seal is never taken off again.</summary>
[Flags]
public enum MemorySeals
{
    /// <summary>Everything is allowed.</summary>
    None = 0,

    /// <summary>No seal can be added.</summary>
    Seal = 0x01,

    /// <summary>It cannot get shorter: without this, whoever holds the file kills every process that touches the part cut off.</summary>
    Shrink = 0x02,

    /// <summary>It cannot get longer.</summary>
    Grow = 0x04,

    /// <summary>Its contents cannot change. Refused with <see cref="Errno.Busy"/> while it is mapped writable anywhere.</summary>
    Write = 0x08,

    /// <summary>Its contents change only through the writable mappings there are; no more of them can be made, and no holes. Linux 5.1.</summary>
    FutureWrite = 0x10,

    /// <summary>It cannot be made executable. Linux 6.3, where a new <see cref="MemoryFile"/> has it from the start.</summary>
    Exec = 0x20,
}
