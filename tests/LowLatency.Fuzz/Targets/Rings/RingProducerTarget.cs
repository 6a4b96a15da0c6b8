using LowLatency.Fuzz.Driver;
using LowLatency.Linux;
using LowLatency.Transports.SharedMemory.Internal;

namespace LowLatency.Fuzz.Targets.Rings;

/// <summary>The writing end: an honest reader gets what was written, and one that lies about what it has read harms nobody but itself.</summary>
internal sealed unsafe class RingProducerTarget() : FuzzTarget("ring-producer")
{
    private readonly GuardedRing _ring = new();

    public override void Run(FuzzInput input)
    {
        _ring.Clear();
        var producer = new RingProducer(_ring.Words);
        var reader = new NaiveRingReader(_ring);
        var written = new List<byte>();
        var read = new List<byte>();
        byte next = 0;
        bool lied = false;
        while (!input.IsEmpty && !producer.Violated)
        {
            switch (input.Below(8))
            {
                case 0 or 1 or 2:
                    byte[] bytes = [.. Enumerable.Range(0, 1 + input.Below(2500)).Select(_ => next++)];
                    IoResult result = producer.Write(bytes, messageGoesOn: input.Chance(4));
                    int count = result.Succeeded ? result.Count : 0;
                    written.AddRange(bytes.AsSpan(0, count));
                    next -= (byte)(bytes.Length - count);
                    Require(result.Succeeded || lied || *_ring.Words.Consumed < reader.Position || written.Count > read.Count, "An empty ring has room.");
                    break;
                case 3 or 4:
                    Read(reader, read, input.Below(6));
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

            if (!lied)
            {
                Require(!producer.Violated, "An honest reader violates nothing.");
                Require(read.SequenceEqual(written.Take(read.Count)), "A reader gets what was written.");
            }
        }

        if (!lied)
        {
            Read(reader, read, int.MaxValue);
            Require(read.SequenceEqual(written), $"A reader gets all that was written: {read.Count} and not {written.Count}.");
        }
    }

    public override void Dispose()
    {
        _ring.Dispose();
        base.Dispose();
    }

    private static void Read(NaiveRingReader reader, List<byte> read, int records)
    {
        for (int record = 0; record < records; record++)
        {
            (Errno error, byte[] bytes) = reader.Take(int.MaxValue);
            if (error != Errno.None)
            {
                return;
            }

            read.AddRange(bytes);
        }
    }
}
