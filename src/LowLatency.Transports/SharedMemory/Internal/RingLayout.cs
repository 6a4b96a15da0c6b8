namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>Where everything is in the shared region, version 1: a header page, the ring of requests, the ring of replies.</summary>
/// <remarks>
/// <para>
/// A ring is a stream of records. Positions are byte counts that only grow, kept privately by each side; the offset in the
/// ring is the position modulo its size. Each side maps its rings twice in a row, so that a record that runs over the end is
/// contiguous all the same.
/// </para>
/// <para>
/// A record starts on a cache line. Its first word, the commit word, is zero until the record is there, and then says what
/// it is: the payload that follows in the same line crosses to the other core together with it.
/// </para>
/// </remarks>
internal static class RingLayout
{
    internal const int LineBytes = 64;

    /// <summary>What stands before a record's payload: the commit word, and a word that is zero.</summary>
    internal const int RecordHeaderBytes = 8;

    /// <summary>There is a record.</summary>
    internal const uint Present = 1u << 31;

    /// <summary>The message goes on in the next record.</summary>
    internal const uint More = 1u << 30;

    /// <summary>The direction ends; no payload.</summary>
    internal const uint End = 1u << 29;

    internal const uint LengthMask = End - 1;

    internal const uint SmallestRing = 4096;
    internal const uint LargestRing = 64 * 1024 * 1024;

    // Within the header page. Each word has two lines to itself: CPUs fetch lines in pairs.
    internal const int RequestWords = 1024;
    internal const int ReplyWords = 2048;
    internal const int ConsumedWord = 0;
    internal const int ConsumerSleepsWord = 128;
    internal const int ProducerWaitsWord = 256;

    /// <summary>The header takes a page, whatever its size here; both sides run on the same machine.</summary>
    internal static int HeaderBytes => Environment.SystemPageSize;

    /// <summary>The longest payload of one record: records of a quarter of the ring keep both sides busy.</summary>
    internal static int LargestPayload(uint ringBytes) => (int)(ringBytes / 4) - RecordHeaderBytes;

    /// <summary>What a record takes of the ring.</summary>
    internal static uint RecordBytes(int payload) => (uint)(RecordHeaderBytes + payload + LineBytes - 1) & ~(uint)(LineBytes - 1);

    /// <summary>Whether a ring may have this size.</summary>
    internal static bool IsRingSize(uint bytes)
        => bytes is >= SmallestRing and <= LargestRing && uint.IsPow2(bytes) && bytes % (uint)Environment.SystemPageSize == 0;
}
