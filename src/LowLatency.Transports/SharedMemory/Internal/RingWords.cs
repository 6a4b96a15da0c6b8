namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>One ring as one process has mapped it: its bytes, twice in a row, and the words that the two sides share.</summary>
/// <remarks>What the words hold is the peer's word: whoever reads one reads it once, and checks it.</remarks>
internal readonly unsafe struct RingWords(byte* data, byte* words, uint bytes)
{
    /// <summary>The ring's bytes, followed by the same bytes again.</summary>
    internal byte* Data { get; } = data;

    /// <summary>The ring's size, a power of two.</summary>
    internal uint Bytes { get; } = bytes;

    /// <summary>How many bytes were consumed in all; written by the consumer.</summary>
    internal ulong* Consumed { get; } = (ulong*)(words + RingLayout.ConsumedWord);

    /// <summary>The consumer sleeps until it is rung for.</summary>
    internal int* ConsumerSleeps { get; } = (int*)(words + RingLayout.ConsumerSleepsWord);

    /// <summary>The producer waits for room until it is rung for.</summary>
    internal int* ProducerWaits { get; } = (int*)(words + RingLayout.ProducerWaitsWord);
}
