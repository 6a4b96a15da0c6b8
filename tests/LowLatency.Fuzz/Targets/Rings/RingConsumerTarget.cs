using LowLatency.Fuzz.Driver;
using LowLatency.Linux;
using LowLatency.Transports.SharedMemory.Internal;

namespace LowLatency.Fuzz.Targets.Rings;

/// <summary>The reading end over a ring whose every byte is the peer's, against a reader that indexes byte by byte; and beside a thread that never stops writing.</summary>
internal sealed unsafe class RingConsumerTarget : FuzzTarget
{
    private readonly GuardedRing _ring = new();
    private readonly GuardedRing _flipping = new();
    private readonly Thread _flipper;
    private volatile bool _stopping;

    internal RingConsumerTarget()
        : base("ring-consumer", "\u0001\0\0\u0080", "\0\0\0\u00A0", "\u0001\0\0\u00C0", "\u00F8\u0003\0\u0080", "\u00F9\u0003\0\u0080", "\u00FF\u00FF\u00FF\u00FF")
    {
        _flipper = new Thread(Flip) { IsBackground = true };
        _flipper.Start();
    }

    public override void Run(FuzzInput input)
    {
        TakeWhatFlips(input);
        _ring.Clear();
        var consumer = new RingConsumer(_ring.Words);
        var model = new NaiveRingReader(_ring);
        ulong published = 0;
        while (!input.IsEmpty && !consumer.Violated)
        {
            switch (input.Below(8))
            {
                case 0:
                    input.Data(64).Span.CopyTo(new Span<byte>(_ring.Data + (input.Below((int)_ring.Bytes / 8) * 8), 64));
                    break;
                case 1 or 2:
                    *(uint*)(_ring.Data + ((model.Position + ((ulong)input.Below(3) * RingLayout.LineBytes)) % _ring.Bytes)) = CommitWord(input);
                    break;
                case 3 or 4 or 5:
                    Take(consumer, model, 1 + input.Below(1200));
                    break;
                case 6:
                    *(uint*)(_ring.WordsPage + (input.Below(128) * sizeof(uint))) = input.UInt32();
                    break;
                case 7:
                    *_ring.Words.Consumed = published;
                    consumer.Publish();
                    published = model.Position;
                    Require(*_ring.Words.Consumed == published, "What is published is what was taken.");
                    consumer.PrepareToSleep();
                    Require(consumer.HasRecord == model.HasRecord, "A record is seen when its word is there.");
                    consumer.Awake();
                    break;
            }
        }
    }

    public override void Dispose()
    {
        _stopping = true;
        _flipper.Join();
        _ring.Dispose();
        _flipping.Dispose();
        base.Dispose();
    }

    private static void Take(RingConsumer consumer, NaiveRingReader model, int room)
    {
        byte[] ours = new byte[room];
        IoResult taken = consumer.Take(ours);
        (Errno error, byte[] expected) = model.Take(room);
        Require(taken.Error == error, $"A take ends as it should: {taken.Error} and not {error}.");
        Require(consumer.Violated == (error == Errno.Protocol), "A violation is known as one.");
        if (taken.Succeeded)
        {
            Require(ours.AsSpan(0, taken.Count).SequenceEqual(expected), "A take brings the record's bytes.");
            Require(taken.Count == 0 || consumer.MessageGoesOn == model.MessageGoesOn, "A message goes on when its record says so, or was not taken as a whole.");
        }
    }

    private static uint CommitWord(FuzzInput input) => input.Below(6) switch
    {
        0 => input.UInt32(),
        1 => 0,
        2 => RingLayout.Present | RingLayout.End,
        3 => RingLayout.Present | RingLayout.More | (uint)input.Below(1100),
        _ => RingLayout.Present | (uint)input.Below(1100),
    };

    // Nothing is known of what is taken, but that it comes from inside the ring.
    private void TakeWhatFlips(FuzzInput input)
    {
        var consumer = new RingConsumer(_flipping.Words);
        byte[] taken = new byte[1 + input.Below(2000)];
        for (int takes = 0; takes < 8; takes++)
        {
            IoResult result = consumer.Take(taken);
            Require(!result.Succeeded || result.Count <= RingLayout.LargestPayload(_flipping.Bytes), "No record is longer than records may be.");
            consumer.Publish();
        }
    }

    private void Flip()
    {
        var random = new Random(1);
        while (!_stopping)
        {
            *(uint*)(_flipping.Data + (random.Next((int)_flipping.Bytes / RingLayout.LineBytes) * RingLayout.LineBytes)) = random.Next(3) switch
            {
                0 => (uint)random.Next() << 1,
                1 => RingLayout.Present | (uint)random.Next(1100),
                _ => 0,
            };
            *(ulong*)(_flipping.WordsPage + RingLayout.ConsumedWord) = (ulong)random.NextInt64();
        }
    }
}

/// <summary>The protocol of <see cref="RingLayout"/> once more, as plainly as can be.</summary>
internal sealed class NaiveRingReader(GuardedRing ring)
{
    private int _length;
    private int _taken;
    private bool _goesOn;

    internal ulong Position { get; private set; }

    internal bool MessageGoesOn { get; private set; }

    internal bool HasRecord => _length > 0 || ring.CommitWordAt(Position) != 0;

    internal (Errno Error, byte[] Bytes) Take(int room)
    {
        if (_length == 0)
        {
            uint word = ring.CommitWordAt(Position);
            uint length = word & 0x1FFF_FFFF;
            bool present = (word >> 31) == 1;
            bool more = ((word >> 30) & 1) == 1;
            bool end = ((word >> 29) & 1) == 1;
            if (word == 0)
            {
                return (Errno.Again, []);
            }

            if (!present || length > (ring.Bytes / 4) - 8 || (end && (more || length > 0 || _goesOn)) || (!end && length == 0))
            {
                return (Errno.Protocol, []);
            }

            if (end)
            {
                return (Errno.None, []);
            }

            (_length, _goesOn) = ((int)length, more);
        }

        var bytes = new List<byte>();
        while (bytes.Count < room && _taken < _length)
        {
            bytes.Add(ring[Position + 8 + (ulong)_taken++]);
        }

        MessageGoesOn = _goesOn || _taken < _length;
        if (_taken == _length)
        {
            Position += (8UL + (ulong)_length + 63) / 64 * 64;
            (_length, _taken) = (0, 0);
        }

        return (Errno.None, [.. bytes]);
    }
}
