using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Hiccups;

public class HiccupTests
{
    private readonly HiccupWatch _watch = new(Results.Workload());

    [Fact]
    public void A_gap_between_two_looks_at_the_clock_is_a_hiccup_from_the_first_to_the_second()
    {
        _watch.BeginAt(0);
        Look(1, 6, 11, 211, 216);
        HiccupRecord record = Record();
        Assert.Equal((Ticks(11), 200_000), (record.Notable.Single().StartTicks, record.Notable.Single().Nanoseconds));
        Assert.Equal((1, 200_000), (record.Total.Count, record.Total.Maximum));
    }

    [Fact]
    public void The_first_look_has_no_gap_before_it_and_the_warm_up_has_no_hiccups()
    {
        _watch.BeginAt(Ticks(1_000));
        Look(500, 900);
        Assert.Empty(Record().Notable);
    }

    [Fact]
    public void A_thread_that_sleeps_has_gaps_of_its_own_will()
    {
        var watch = new HiccupWatch(Results.Workload() with { Idle = IdleStrategy.Block });
        watch.BeginAt(0);
        watch.Look(Ticks(1));
        watch.Look(Ticks(10_000));
        Assert.Equal(0, watch.Log.Total.Count);
    }

    [Fact]
    public void A_thread_that_spins_and_sleeps_once_of_its_own_will_has_had_no_hiccup_by_that()
    {
        _watch.BeginAt(0);
        Look(1, 6);
        _watch.Slept(Ticks(1_006));
        Look(1_011);
        Assert.Empty(Record().Notable);
        Look(2_011);
        Assert.Equal(1_000_000, Record().Notable.Single().Nanoseconds);
    }

    [Fact]
    public void While_rings_are_attached_a_worker_sleeps_of_its_own_will_and_says_so()
    {
        var attached = new TaskCompletionSource();
        var readiness = new RingReadiness(1, IdleStrategy.Spin);
        readiness.Add(new AttachingWire(attached.Task), 0, forSending: true);
        Assert.Equal(1, readiness.Collect(0));
        Assert.True(readiness.HasSlept);
        attached.SetResult();
        Assert.Equal(1, readiness.Collect(0));
        Assert.False(readiness.HasSlept);
    }

    [Fact]
    public void Connects_and_large_payloads_take_their_time_and_are_no_hiccups()
    {
        Workload workload = Results.Workload();
        Assert.True(Least(workload with { Mode = WorkloadMode.PerConnection }) > Least(workload));
        Assert.True(Least(workload with { Request = new byte[1_000_000] }) > 1_000_000);
    }

    [Fact]
    public void The_share_of_the_tail_is_of_replies_that_were_waited_for_during_a_hiccup()
    {
        var latencies = new LatencyRecorder();
        _watch.BeginAt(0);
        long now = 0;
        for (int reply = 1; reply <= 100_000; reply++)
        {
            // Every five-hundredth takes 300 us more: half of them because of a hiccup of their own thread.
            bool isSlow = reply % 500 == 0;
            bool hasHiccup = reply % 1_000 == 0;
            long startedAt = now;
            for (long end = startedAt + (isSlow && !hasHiccup ? 300 : 0); now < end; now += 10)
            {
                _watch.Look(Ticks(now));
            }

            now += hasHiccup ? 310 : 10;
            _watch.Replied(Ticks(startedAt), Ticks(now), isMeasured: true);
            latencies.Record((now - startedAt) * 1_000);
        }

        HiccupRecord record = Record();
        Assert.Equal(100, record.Total.Count);
        Assert.Equal(0.5, record.ShareOfTail(latencies, new Percentile(9_950))!.Value, precision: 2);
        Assert.Null(record.ShareOfTail(latencies, Percentile.P99999));
    }

    [Fact]
    public void A_list_that_is_full_keeps_all_of_the_longer_ones()
    {
        var log = new HiccupLog(least: 10);
        for (int hiccup = 0; hiccup < 20_000; hiccup++)
        {
            log.Note(hiccup, 10 + (hiccup % 100));
        }

        var record = HiccupLog.Merge(HiccupMethod.Gaps, [log], coinciding: null);
        Assert.Equal(20_000, record.Total.Count);
        Assert.InRange(record.Notable.Count, 1, 4_096);
        Assert.Equal(record.Notable.OrderBy(hiccup => hiccup.StartTicks), record.Notable);
        Assert.All(record.Notable, hiccup => Assert.True(hiccup.Nanoseconds >= record.NotableFrom));
    }

    [Theory]
    [InlineData("spin", "gaps")]
    [InlineData("block", "sleeps")]
    public void A_tester_that_was_stopped_for_a_while_tells_of_it_and_of_when(string idle, string method)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux stops processes so.");
        using var isMeasuring = new ManualResetEventSlim();
        using var server = new TestServer(connection =>
        {
            // Each of the tester's threads has begun by then, also the one that sleeps, on a machine that has other things to do.
            var asked = Stopwatch.StartNew();
            while (connection.Receive())
            {
                connection.Send("respuesta"u8.ToArray());
                if (asked.ElapsedMilliseconds > 300)
                {
                    isMeasuring.Set();
                }
            }
        });
        using var tester = TesterProcess.Start(server.Url, "-d", "5s", "--warmup", "0", "--timeout", "10s", "--idle", idle, "--sidecar", "none", "--quiet", "--json", "-");
        isMeasuring.Wait(TestContext.Current.CancellationToken);

        // The stop is what is measured here.
        tester.Stop();
        Thread.Sleep(250);
        tester.Continue();

        Invocation run = tester.WaitForExit();
        Assert.Equal(method, (string)run.Run["hiccups"]!["method"]!);
        Assert.True((double)run.Run["hiccup_us"]!["max"]! >= 200_000);
        Assert.Contains(run.Run["hiccups"]!["listed"]!.AsArray(), hiccup => (double)hiccup![1]! >= 200_000 && (double)hiccup[0]! < 5);
    }

    private static long Least(Workload workload) => new HiccupWatch(workload).Log.Least;

    private static long Ticks(long microseconds) => microseconds * Stopwatch.Frequency / 1_000_000;

    private void Look(params long[] microseconds) => Array.ForEach(microseconds, time => _watch.Look(Ticks(time)));

    private HiccupRecord Record() => HiccupLog.Merge(HiccupMethod.Gaps, [_watch.Log], _watch.Coinciding);

    private sealed class AttachingWire(Task attached) : IRingWire
    {
        public Task Attached => attached;

        public int Descriptor => -1;

        public bool LooksAreCheap => true;

        public IoResult Send(ReadOnlySpan<byte> bytes) => IoResult.Failed(Errno.Again);

        public IoResult Receive(Span<byte> buffer) => IoResult.Failed(Errno.Again);

        public void Dispose()
        {
        }
    }
}
