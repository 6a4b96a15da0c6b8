using System.Reflection;
using LowLatency.Linux;
using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>Coordinated omission, shown with the real service: it is stopped for 200 ms in a run of ten seconds.</summary>
public class StallTests
{
    private const long Microsecond = 1_000;
    private const long Millisecond = 1_000_000;

    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void A_stall_of_the_service_shows_in_the_response_time_and_not_in_the_service_time()
    {
        RunResult result = RunWithStall(new Workload
        {
            Target = null!,
            Mode = WorkloadMode.OpenLoop,
            Rate = 1_000,
            Duration = TimeSpan.FromSeconds(10),
            Idle = CpuTopology.AvailableCpus < 2 ? IdleStrategy.Block : IdleStrategy.Spin,
        });

        // On a machine that has no time for it, neither time is good, but the difference stays.
        long response = result.Latencies.At(Percentile.P99)!.Value;
        Assert.True(response >= 90 * Millisecond);
        Assert.True(result.ServiceTimes!.At(Percentile.P99) < response / 2);
        Assert.True(result.Latencies.Maximum >= 190 * Millisecond);

        // It was caught up with, and nobody but the target is to blame. A busy machine makes the tester late all the time, and then
        // the run may not be valid for that reason.
        Assert.True(result.Validity.IsValid || result.Lateness!.At(Percentile.P90) > Microsecond || result.Hiccups!.ShareOf(result.Elapsed) > 0.1);
        Assert.Equal((10_000, 10_000), (result.Outcomes.Attempted, result.Outcomes.Finished));
        Assert.Equal(result.Outcomes[Outcome.Ok], result.Intervals.Sum(interval => interval.Ok));
        Assert.Contains(result.Intervals, interval => interval.Latencies.Maximum >= 190 * Millisecond);
    }

    private static RunResult RunWithStall(Workload workload)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only here can a process be stopped where it stands.");
        using var endpoints = new DemoEndpoints();
        using ServiceProcess service = ServiceProcess.Start(Service, endpoints);
        Assert.True(service.WaitUntilReady(endpoints.Sidecar, TestContext.Current.CancellationToken), service.Output);
        using var run = new WorkloadRun(workload with { Target = endpoints.Unix });
        bool hasStalled = false;
        return run.Execute(
            progress =>
            {
                if (!hasStalled && progress.Done >= 3_000)
                {
                    hasStalled = true;
                    Assert.Equal(Errno.None, service.TrySuspend());
                    Thread.Sleep(Stall);
                    Assert.Equal(Errno.None, service.TryResume());
                }
            },
            TestContext.Current.CancellationToken);
    }

    private static string Service
    {
        get
        {
            AssemblyMetadataAttribute path = typeof(StallTests).Assembly
                .GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(entry => entry.Key == "ServicePath");
            return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, path.Value!));
        }
    }
}
