using System.Globalization;
using System.Runtime.InteropServices;
using LowLatency.Linux;
using LowLatency.Transports.SharedMemory.Internal;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>One ring, its ends on two threads: nothing is lost, torn or out of order, and no wake-up is either.</summary>
/// <remarks><c>LOWLATENCY_STRESS</c> multiplies for how long: for a run over a night.</remarks>
public sealed class RingThreadTests
{
    private static readonly int Stress = int.Parse(Environment.GetEnvironmentVariable("LOWLATENCY_STRESS") ?? "1", CultureInfo.InvariantCulture);

    // So many times round, however long it takes.
    private const int LeastRecords = 10_000;

    [Theory]
    [InlineData(4096)]
    [InlineData(65536)]
    public async Task Records_arrive_whole_and_in_order(uint ringBytes)
    {
        using SharedRegion region = RingModelTests.NewRegion(ringBytes);
        using var failure = new CancellationTokenSource();
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);

        int records = await RunAsync(producer, new SpinningProducer(failure.Token), consumer, new SpinningConsumer(consumer, failure.Token), ringBytes, failure);

        Assert.True(records >= LeastRecords, $"Only {records} records.");
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(65536)]
    public async Task No_wake_up_is_lost_between_ends_that_sleep_whenever_they_can(uint ringBytes)
    {
        using SharedRegion region = RingModelTests.NewRegion(ringBytes);
        using var failure = new CancellationTokenSource();
        var producer = new RingProducer(region.Requests);
        var consumer = new RingConsumer(region.Requests);
        var toProducer = new Bell(failure.Token);
        var toConsumer = new Bell(failure.Token);

        int records = await RunAsync(
            producer, new SleepingProducer(producer, toProducer, toConsumer), consumer, new SleepingConsumer(consumer, toConsumer, toProducer), ringBytes, failure);

        TestContext.Current.TestOutputHelper?.WriteLine($"{records} records, {toConsumer.Sleeps} sleeps of the consumer, {toProducer.Sleeps} of the producer.");
        Assert.True(toConsumer.Sleeps > 0 && toProducer.Sleeps > 0);
    }

    /// <returns>How many records went through.</returns>
    private static async Task<int> RunAsync(
        RingProducer producer, IEnd producersEnd, RingConsumer consumer, IEnd consumersEnd, uint ringBytes, CancellationTokenSource failure)
    {
        Task<int> producing = Start(() => Produce(producer, ringBytes, producersEnd));
        Task<int> consuming = Start(() => Consume(consumer, ringBytes, consumersEnd));
        if ((await Task.WhenAny(producing, consuming)).IsFaulted)
        {
            await failure.CancelAsync();
        }

        Assert.Equal(await producing, await consuming);
        return producing.Result;
    }

    private static Task<int> Start(Func<int> run)
        => Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static int Produce(RingProducer producer, uint ringBytes, IEnd end)
    {
        byte[] record = new byte[RingLayout.LargestPayload(ringBytes)];
        long start = Environment.TickCount64;
        int number = 0;
        for (; number < LeastRecords || Environment.TickCount64 - start < 1500L * Stress; number++)
        {
            int length = LengthOf(number, record.Length);
            Fill(record.AsSpan(0, length), number);
            while (producer.Write(record.AsSpan(0, length), messageGoesOn: false) is { Succeeded: false } failed)
            {
                Assert.True(failed.WouldBlock);
                end.Wait();
            }

            end.Done();
        }

        while (!producer.TryEnd())
        {
            end.Wait();
        }

        end.Done();
        return number;
    }

    private static int Consume(RingConsumer consumer, uint ringBytes, IEnd end)
    {
        byte[] expected = new byte[RingLayout.LargestPayload(ringBytes)];
        byte[] buffer = new byte[expected.Length];
        for (int number = 0; ; number++)
        {
            IoResult taken;
            while ((taken = consumer.Take(buffer)).WouldBlock)
            {
                end.Wait();
            }

            if (taken is { Succeeded: true, Count: 0 })
            {
                return number;
            }

            int length = LengthOf(number, expected.Length);
            Fill(expected.AsSpan(0, length), number);
            Assert.True(taken.Count == length && buffer.AsSpan(0, length).SequenceEqual(expected.AsSpan(0, length)), $"Record {number} is damaged.");
            if (consumer.OwesPublication)
            {
                end.Done();
            }
        }
    }

    // Mostly small, in bursts that fill the ring.
    private static int LengthOf(int number, int longest)
    {
        uint mixed = (uint)number * 2654435761u;
        return (mixed >> 28) == 0 ? 1 + (int)(mixed % (uint)longest) : 1 + (int)(mixed % 100);
    }

    private static void Fill(Span<byte> bytes, int number)
    {
        bytes.Fill((byte)(number * 7));
        if (bytes.Length >= sizeof(int))
        {
            MemoryMarshal.Write(bytes, number);
            MemoryMarshal.Write(bytes[^sizeof(int)..], number);
        }
    }

    /// <summary>What one end does when it cannot go on, and when it has gone on.</summary>
    private interface IEnd
    {
        void Wait();

        void Done();
    }

    private sealed class SpinningProducer(CancellationToken failed) : IEnd
    {
        private SpinWait _wait;

        public void Wait()
        {
            failed.ThrowIfCancellationRequested();
            _wait.SpinOnce(sleep1Threshold: -1);
        }

        public void Done()
        {
        }
    }

    private sealed class SpinningConsumer(RingConsumer consumer, CancellationToken failed) : IEnd
    {
        private SpinWait _wait;

        public void Wait()
        {
            failed.ThrowIfCancellationRequested();
            _wait.SpinOnce(sleep1Threshold: -1);
        }

        public void Done() => consumer.Publish();
    }

    private sealed class SleepingProducer(RingProducer producer, Bell own, Bell consumers) : IEnd
    {
        public void Wait()
        {
            if (producer.PrepareToWait())
            {
                own.Sleep();
            }

            producer.Awake();
        }

        public void Done()
        {
            if (producer.MustRing())
            {
                consumers.Ring();
            }
        }
    }

    private sealed class SleepingConsumer(RingConsumer consumer, Bell own, Bell producers) : IEnd
    {
        public void Wait()
        {
            Done();
            consumer.PrepareToSleep();
            if (!consumer.HasRecord)
            {
                own.Sleep();
            }

            consumer.Awake();
        }

        public void Done()
        {
            if (consumer.Publish())
            {
                producers.Ring();
            }
        }
    }

    /// <summary>A bell that is heard without the kernel, so that a second has a million sleeps.</summary>
    private sealed class Bell(CancellationToken failed)
    {
        private static readonly TimeSpan Deadline = Hanging.Patience;
        private int _rung;

        internal int Sleeps { get; private set; }

        internal void Ring() => Volatile.Write(ref _rung, 1);

        internal void Sleep()
        {
            Sleeps++;
            long start = Environment.TickCount64;
            SpinWait wait = default;
            while (Volatile.Read(ref _rung) == 0)
            {
                wait.SpinOnce(sleep1Threshold: -1);
                failed.ThrowIfCancellationRequested();
                Assert.True(Environment.TickCount64 - start < Deadline.TotalMilliseconds, "A wake-up was lost.");
            }

            Volatile.Write(ref _rung, 0);
        }
    }
}
