using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Demo;

/// <summary>Every transport of a running service in turn, each in the three ways that services are used.</summary>
internal sealed class DemoRun(DemoEndpoints endpoints, TimeSpan timePerRow, IdleStrategy idle)
{
    private const int ManyConnections = 100;

    // As long as the compiler needs to take the hot path seriously, where the whole row is not shorter than that.
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromMilliseconds(400);

    // A machine that stands still for a second shows in the latencies, and is no failure of the service's.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Shared memory needs Linux, on both sides.
    private EndpointUrl[] Targets => OperatingSystem.IsLinux() ? [endpoints.Tcp, endpoints.Unix, endpoints.Shm] : [endpoints.Tcp, endpoints.Unix];

    public IReadOnlyList<Workload> Workloads =>
        [.. from target in Targets
            from shape in (Shape[])[
                new(WorkloadMode.PingPong, 1),
                new(WorkloadMode.PingPong, ManyConnections),
                new(WorkloadMode.PerConnection, 1)]
            select new Workload
            {
                Target = target,
                Mode = shape.Mode,
                Connections = shape.Connections,
                Duration = timePerRow,
                WarmUp = timePerRow < LongestWarmUp ? timePerRow : LongestWarmUp,
                Idle = idle,
                Timeout = Patience,
            }];

    /// <summary>Runs one after the other, and ends early with what there is when interrupted.</summary>
    /// <param name="watch">Called while a workload runs, with its number.</param>
    /// <param name="interrupted">Ends the row under way; no other begins.</param>
    public IReadOnlyList<RunResult> Execute(Action<int, RunProgress> watch, CancellationToken interrupted)
    {
        var results = new List<RunResult>();
        foreach (Workload workload in Workloads)
        {
            if (interrupted.IsCancellationRequested)
            {
                break;
            }

            int number = results.Count;
            using var run = new WorkloadRun(workload);
            results.Add(run.Execute(progress => watch(number, progress), interrupted));
        }

        return results;
    }

    private readonly record struct Shape(WorkloadMode Mode, int Connections);
}
