using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>Runs that are not valid, with the real service: cases that are so clear that a busy machine cannot make them look like others.</summary>
public sealed class ValidityTests(RealService service) : IClassFixture<RealService>
{
    [Fact]
    public void A_tester_that_shares_its_CPU_with_others_was_late()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only here are threads bound to a CPU.");
        int cpu = CpuAffinity.Current[^1];
        using var neighbours = new BusyNeighbours(cpu, count: 4);

        RunResult result = Run(new Workload
        {
            Target = Target,
            Mode = WorkloadMode.OpenLoop,
            Rate = 1_000,
            Duration = TimeSpan.FromSeconds(3),
            Timeout = TimeSpan.FromSeconds(10),
            Cpus = [cpu],
        });

        Assert.Contains(result.Validity.Reasons, reason => reason.StartsWith("the tester was late", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rate_that_nothing_could_take_has_saturated_the_target()
    {
        RunResult result = Run(new Workload { Target = Target, Mode = WorkloadMode.OpenLoop, Rate = 5_000_000, Duration = TimeSpan.FromMilliseconds(500) });

        Assert.StartsWith("the target was saturated", result.Validity.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_tester_that_was_stopped_for_a_good_part_of_its_run_was_late_and_says_so()
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
        using var tester = TesterProcess.Start(
            server.Url, "--mode", "open-loop", "-R", "500", "-d", "5s", "--warmup", "0", "--timeout", "10s", "--idle", "block", "--sidecar", "none", "--quiet", "--json", "-");
        isMeasuring.Wait(TestContext.Current.CancellationToken);

        // The stop is what is judged here.
        tester.Stop();
        Thread.Sleep(700);
        tester.Continue();

        Invocation run = tester.WaitForExit();
        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Contains(run.Run["invalid_reasons"]!.AsArray(), reason => ((string)reason!).StartsWith("the tester was late", StringComparison.Ordinal));
    }

    private EndpointUrl Target => EndpointUrl.TryParse(service.Unix, out EndpointUrl? target, out _) ? target : throw new InvalidOperationException();

    private static RunResult Run(Workload workload)
    {
        using var run = new WorkloadRun(workload);
        return run.Execute(_ => { }, TestContext.Current.CancellationToken);
    }

    /// <summary>Threads that want the same CPU all the time.</summary>
    private sealed class BusyNeighbours : IDisposable
    {
        private readonly Thread[] _threads;
        private volatile bool _isOver;

        public BusyNeighbours(int cpu, int count)
        {
            _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() => Spin(cpu)) { IsBackground = true })];
            Array.ForEach(_threads, thread => thread.Start());
        }

        private void Spin(int cpu)
        {
            Assert.Equal(Errno.None, CpuAffinity.TrySet(cpu));
            while (!_isOver)
            {
            }
        }

        public void Dispose()
        {
            _isOver = true;
            Array.ForEach(_threads, thread => thread.Join());
        }
    }
}
