namespace LowLatency.Linux;

/// <summary>A part of a <see cref="MemoryFile"/>, in whole pages.</summary>
/// <param name="Offset">Where it begins in the file, in bytes: a multiple of <see cref="Environment.SystemPageSize"/>.</param>
/// <param name="Length">How long it is, in bytes: a multiple of the same, and not zero.</param>
public readonly record struct MemoryRange(long Offset, long Length)
{
    /// <summary>It consists of whole pages, all of them inside a file of <paramref name="fileLength"/> bytes.</summary>
    internal bool IsWithin(long fileLength)
        => Offset >= 0 && Length > 0
            && Offset % Environment.SystemPageSize == 0 && Length % Environment.SystemPageSize == 0
            && Length <= fileLength && Offset <= fileLength - Length;
}
