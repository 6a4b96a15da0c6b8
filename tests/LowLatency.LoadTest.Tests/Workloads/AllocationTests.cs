using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Workloads;

public class AllocationTests(RealService service) : IClassFixture<RealService>
{
    // A collection that another test brings about writes off the rest of this thread's allocation buffer, and the runtime
    // counts that as allocated. The smallest object per request would be many times as much.
    private const int AllocationBuffer = 8 * 1024;
    private const int Requests = 5_000;

    [Theory]
    [InlineData("PingPong", 1, "Spin")]
    [InlineData("PingPong", 1, "Block")]
    [InlineData("PingPong", 10, "Spin")]
    [InlineData("PingPong", 10, "Block")]
    [InlineData("OpenLoop", 1, "Spin")]
    [InlineData("OpenLoop", 10, "Block")]
    [InlineData("Pipelined", 1, "Spin")]
    [InlineData("Pipelined", 10, "Block")]
    public void Requests_on_connections_that_last_allocate_nothing(string mode, int connections, string idle)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The portable sockets make no such promise.");
        using var server = TestServer.AnsweringLines("respuesta\n"u8.ToArray());
        Assert.True(EndpointUrl.TryParse(server.Url, out EndpointUrl? target, out _));
        var workload = new Workload
        {
            Target = target,
            Mode = Enum.Parse<WorkloadMode>(mode),
            Rate = mode == "OpenLoop" ? 20_000 : null,
            Arrivals = Arrivals.Poisson,
            Pipeline = 8,
            Framing = Framing.Line,
            Connections = connections,
            Idle = Enum.Parse<IdleStrategy>(idle),
            Timeout = TimeSpan.FromSeconds(10),
        };

        // The first run makes what is made once: compiled methods, static fields.
        AllocatedBy(workload, requests: 100);

        Assert.InRange(AllocatedBy(workload, Requests), 0, AllocationBuffer);
    }

    [Theory]
    [InlineData("tcp", 1, "Spin")]
    [InlineData("tcp", 3, "Block")]
    [InlineData("unix", 1, "Spin")]
    [InlineData("unix", 3, "Block")]
    public void A_connection_for_every_request_allocates_nothing_either(string transport, int connections, string idle)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The portable sockets make no such promise.");
        const int Connects = 3_000;
        Assert.True(EndpointUrl.TryParse(transport == "tcp" ? service.Tcp : service.Unix, out EndpointUrl? target, out _));
        var workload = new Workload
        {
            Target = target,
            Mode = WorkloadMode.PerConnection,
            Connections = connections,
            Idle = Enum.Parse<IdleStrategy>(idle),
            Timeout = TimeSpan.FromSeconds(10),
        };
        AllocatedBy(workload, requests: 100);

        // Other tests' collections add to it, now and then.
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 3 && allocated > AllocationBuffer; attempt++)
        {
            allocated = AllocatedBy(workload, Connects);
        }

        Assert.InRange(allocated, 0, AllocationBuffer);
    }

    private static long AllocatedBy(Workload workload, int requests)
    {
        using var worker = Worker.Create(new WorkerPlan(workload, ClientSockets.OfThisSystem, workload.Connections, requests));
        worker.Opening.OpenAll(RunSchedule.Ticks(workload.Timeout), CancellationToken.None);
        var schedule = RunSchedule.StartingNow(workload);

        using var hasEnded = new ManualResetEventSlim();
        var collector = new Thread(() => Collect(worker.Measured.Intervals!, hasEnded));
        collector.Start();
        long before = GC.GetAllocatedBytesForCurrentThread();
        worker.Run(schedule);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        hasEnded.Set();
        collector.Join();

        Assert.Equal(requests, worker.Measured.Counts[Outcome.Ok]);
        return allocated;
    }

    // What a run does all the while: a second that nobody gives back has to be made anew.
    private static void Collect(IntervalRecorder intervals, ManualResetEventSlim hasEnded)
    {
        var series = new IntervalSeries();
        do
        {
            series.Collect(intervals);
        }
        while (!hasEnded.Wait(TimeSpan.FromMilliseconds(100)));
    }
}
