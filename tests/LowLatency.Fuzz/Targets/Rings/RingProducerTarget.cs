using LowLatency.Fuzz.Driver;
using LowLatency.Linux;
using LowLatency.Transports.SharedMemory.Internal;

namespace LowLatency.Fuzz.Targets.Rings;

/// <summary>The writing end: an honest reader gets what was written, and one that lies about what it has read harms nobody but itself.</summary>
internal sealed unsafe class RingProducerTarget() : FuzzTarget("ring-producer")
{
    private const int MostBytes = 2500;

    private static readonly byte[] Stream = [.. Enumerable.Range(0, MostBytes + 256).Select(index => (byte)index)];

    private readonly GuardedRing _ring = new();

    public override void Run(FuzzInput input)
    {
        _ring.Clear();
        var producer = new RingProducer(_ring.Words);
        var reader = new NaiveRingReader(_ring);
        long written = 0;
        long read = 0;
        bool lied = false;
        while (!input.IsEmpty && !producer.Violated)
        {
            switch (input.Below(8))
            {
                case 0 or 1 or 2:
                    IoResult result = producer.Write(Bytes(written, 1 + input.Below(MostBytes)), messageGoesOn: input.Chance(4));
                    written += result.Succeeded ? result.Count : 0;
                    Require(result.Succeeded || lied || *_ring.Words.Consumed < reader.Position || written > read, "An empty ring has room.");
                    break;
                case 3 or 4:
                    read += Read(reader, read, written, input.Below(6), lied);
                    break;
                case 5:
                    *_ring.Words.Consumed = reader.Position;
                    break;
                case 6:
                    producer.PrepareAhead();
                    producer.PrepareToWait();
                    producer.Awake();
                    producer.MustRing();
                    break;
                case 7 when input.Chance(12):
                    *_ring.Words.Consumed = ((ulong)input.UInt32() << 32) | input.UInt32();
                    lied = true;
                    break;
            }

            Require(lied || !producer.Violated, "An honest reader violates nothing.");
        }

        if (!lied)
        {
            read += Read(reader, read, written, int.MaxValue, lied);
            Require(read == written, $"A reader gets all that was written: {read} and not {written}.");
        }
    }

    public override void Dispose()
    {
        _ring.Dispose();
        base.Dispose();
    }

    // The stream has the same byte at every 256th place, whoever writes or reads it.
    private static ReadOnlySpan<byte> Bytes(long from, int count) => Stream.AsSpan((int)(from % 256), count);

    private static long Read(NaiveRingReader reader, long from, long until, int records, bool lied)
    {
        long count = 0;
        for (int record = 0; record < records; record++)
        {
            (Errno error, byte[] bytes) = reader.Take(int.MaxValue);
            if (error != Errno.None)
            {
                break;
            }

            Require(lied || (from + count + bytes.Length <= until && bytes.AsSpan().SequenceEqual(Bytes(from + count, bytes.Length))), "A reader gets what was written.");
            count += bytes.Length;
        }

        return count;
    }
}
