using LowLatency.Linux;
using LowLatency.Transports.SharedMemory.Internal;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>One ring, both ends in turn on one thread, held against a queue of messages.</summary>
public sealed class RingModelTests
{
    public static TheoryData<uint, int> Walks()
    {
        var walks = new TheoryData<uint, int>();
        foreach (uint ringBytes in new uint[] { 4096, 8192, 65536 })
        {
            for (int seed = 1; seed <= 8; seed++)
            {
                walks.Add(ringBytes, seed);
            }
        }

        return walks;
    }

    [Theory]
    [MemberData(nameof(Walks))]
    public void Messages_of_all_lengths_in_all_pieces_come_out_as_they_went_in(uint ringBytes, int seed)
    {
        using SharedRegion region = NewRegion(ringBytes);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        var random = new Random(seed);
        var expected = new Queue<byte[]>();
        var arriving = new MemoryStream();
        byte[] message = [];
        int written = 0;
        int consumed = 0;
        for (int step = 0; step < 40_000; step++)
        {
            if (random.Next(2) == 0)
            {
                if (written == message.Length)
                {
                    message = Payload.Of(RandomLength(random, (int)ringBytes), step);
                    expected.Enqueue(message);
                    written = 0;
                }

                int piece = random.Next(3) == 0 ? random.Next(1, message.Length - written + 1) : message.Length - written;
                IoResult result = producer.Write(message.AsSpan(written, piece), messageGoesOn: written + piece < message.Length);
                Assert.True(result.WouldBlock || result is { Succeeded: true, Count: > 0 });
                written += result.Succeeded ? result.Count : 0;
            }
            else
            {
                byte[] buffer = new byte[RandomLength(random, (int)ringBytes)];
                IoResult result = consumer.Take(buffer);
                if (result.Succeeded)
                {
                    Assert.InRange(result.Count, 1, buffer.Length);
                    arriving.Write(buffer, 0, result.Count);
                    if (!consumer.MessageGoesOn)
                    {
                        Payload.Same(expected.Dequeue(), arriving.ToArray());
                        arriving.SetLength(0);
                        consumed++;
                    }
                }

                Assert.True(result.Succeeded || result.WouldBlock);
            }

            switch (random.Next(8))
            {
                case 0:
                    consumer.Publish();
                    break;
                case 1:
                    producer.PrepareAhead();
                    break;
                default:
                    if (consumer.OwesPublication)
                    {
                        consumer.Publish();
                    }

                    break;
            }
        }

        Assert.True(consumed > 100, $"Only {consumed} messages.");
        Assert.False(producer.Violated || consumer.Violated);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(65536)]
    public void A_ring_that_nobody_consumes_fills_and_then_takes_nothing(uint ringBytes)
    {
        using SharedRegion region = NewRegion(ringBytes);
        var producer = new RingProducer(region.Requests);

        int records = 0;
        while (producer.Write(new byte[56], messageGoesOn: false).Succeeded)
        {
            records++;
        }

        // All lines but the one whose empty header the consumer waits at.
        Assert.Equal((int)(ringBytes / RingLayout.LineBytes) - 1, records);
        Assert.False(producer.TryEnd());
        Assert.True(producer.PrepareToWait());
        Assert.False(producer.Violated);
    }

    [Fact]
    public void What_is_consumed_makes_room_when_it_is_published_and_not_before()
    {
        using SharedRegion region = NewRegion(4096);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        while (producer.Write(new byte[56], messageGoesOn: false).Succeeded)
        {
        }

        Assert.Equal(56, consumer.Take(new byte[100]).Count);
        Assert.True(producer.Write(new byte[56], messageGoesOn: false).WouldBlock);
        Assert.False(consumer.Publish());
        Assert.Equal(56, producer.Write(new byte[56], messageGoesOn: false).Count);
    }

    [Fact]
    public void Publication_is_owed_when_a_quarter_of_the_ring_has_been_consumed()
    {
        using SharedRegion region = NewRegion(4096);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        for (int record = 1; record <= 40; record++)
        {
            producer.Write(new byte[56], messageGoesOn: false);
            consumer.Take(new byte[56]);

            Assert.Equal(record % 16 == 0, consumer.OwesPublication);
            if (consumer.OwesPublication)
            {
                consumer.Publish();
            }
        }
    }

    [Fact]
    public void A_producer_that_waits_is_rung_for_once_when_there_is_room()
    {
        using SharedRegion region = NewRegion(4096);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        while (producer.Write(new byte[56], messageGoesOn: false).Succeeded)
        {
        }

        Assert.True(producer.PrepareToWait());
        Assert.False(consumer.Publish());
        consumer.Take(new byte[56]);
        Assert.True(consumer.Publish());
        consumer.Take(new byte[56]);
        Assert.False(consumer.Publish());
        Assert.False(producer.PrepareToWait());
    }

    [Fact]
    public void A_consumer_that_sleeps_is_rung_for_once_when_there_is_a_record()
    {
        using SharedRegion region = NewRegion(4096);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        Assert.False(producer.MustRing());

        consumer.PrepareToSleep();
        Assert.False(consumer.HasRecord);
        producer.Write(new byte[1], messageGoesOn: false);

        Assert.True(consumer.HasRecord);
        Assert.True(producer.MustRing());
        Assert.False(producer.MustRing());
    }

    [Fact]
    public void The_end_comes_behind_everything_and_stays()
    {
        using SharedRegion region = NewRegion(4096);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        producer.Write(new byte[10], messageGoesOn: false);
        Assert.True(producer.TryEnd());

        byte[] buffer = new byte[100];
        Assert.Equal(10, consumer.Take(buffer).Count);
        Assert.True(consumer.Take(buffer) is { Succeeded: true, Count: 0 });
        Assert.True(consumer.Take(buffer) is { Succeeded: true, Count: 0 });
        Assert.False(consumer.Violated);
    }

    [Fact]
    public void An_end_in_the_middle_of_a_message_is_a_violation()
    {
        using SharedRegion region = NewRegion(4096);
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        producer.Write(new byte[10], messageGoesOn: true);
        producer.TryEnd();

        Assert.Equal(10, consumer.Take(new byte[10]).Count);
        Assert.Equal(Errno.Protocol, consumer.Take(new byte[10]).Error);
        Assert.True(consumer.Violated);
    }

    internal static SharedRegion NewRegion(uint ringBytes)
    {
        Assert.Equal(Errno.None, SharedRegion.TryCreate(ringBytes, ringBytes, out SharedRegion? region));
        return region!;
    }

    private static int RandomLength(Random random, int ringBytes) => random.Next(5) switch
    {
        0 => 1,
        1 => random.Next(1, 120),
        2 => (ringBytes / 4) - 8 + random.Next(-2, 3),
        3 => random.Next(1, ringBytes / 4),
        _ => random.Next(1, 3 * ringBytes),
    };
}
