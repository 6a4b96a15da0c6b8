using LowLatency.LoadTest.Baselines.Servers;
using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.ReferenceServer;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.ReferenceServer;

/// <summary>What is compared with must answer as the service does, or the comparison means nothing.</summary>
public class ReferenceServerTests
{
    public static TheoryData<string, string> Servers => new MatrixTheoryData<string, string>(
        Enum.GetNames<ReferenceTransport>(), Enum.GetNames<ReferenceApplication>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Every_transport_and_application_gives_the_constant_reply(string transport, string application)
    {
        using var endpoints = new DemoEndpoints();
        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ReferenceServerOptions(
            Enum.Parse<ReferenceTransport>(transport), Enum.Parse<ReferenceApplication>(application), endpoints.Tcp, endpoints.Unix, endpoints.Shm, Cpu: null);
        Task running = ReferenceServerHost.RunAsync(options, listening.SetResult, stop.Token);
        await Task.WhenAny(listening.Task, running);

        Dialogue dialogue = options.Application == ReferenceApplication.Http ? Dialogue.Http : Dialogue.Raw;
        foreach (EndpointUrl target in (EndpointUrl[])[endpoints.Tcp, endpoints.Unix, .. options.Transport == ReferenceTransport.SharedMemoryInline ? [endpoints.Shm] : Array.Empty<EndpointUrl>()])
        {
            using var run = new WorkloadRun(new Workload
            {
                Target = target,
                Requests = 20,
                Request = dialogue.Request,
                Expect = dialogue.Reply,
                Idle = IdleStrategy.Block,
                Timeout = TimeSpan.FromSeconds(20),
            });
            RunResult result = run.Execute(_ => { }, TestContext.Current.CancellationToken);
            Assert.Equal(20, result.Outcomes[Outcome.Ok]);
        }

        await stop.CancelAsync();
        await running;
    }
}
