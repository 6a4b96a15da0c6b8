using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>What other systems run on, tried on this one.</summary>
public class PortableSocketsTests
{
    [Theory]
    [InlineData("PingPong", "Spin", 1)]
    [InlineData("PingPong", "Block", 1)]
    [InlineData("PingPong", "Block", 10)]
    [InlineData("PerConnection", "Spin", 1)]
    [InlineData("PerConnection", "Block", 5)]
    [InlineData("OpenLoop", "Spin", 3)]
    [InlineData("OpenLoop", "Block", 1)]
    [InlineData("Pipelined", "Spin", 1)]
    [InlineData("Pipelined", "Block", 3)]
    public void A_workload_runs_on_the_sockets_of_the_framework(string mode, string idle, int connections)
    {
        using var server = TestServer.AnsweringLines("respuesta\n"u8.ToArray());

        RunResult result = Run(server.Url, Enum.Parse<WorkloadMode>(mode), Enum.Parse<IdleStrategy>(idle), connections);

        Assert.Equal((100, 100), (result.Outcomes.Attempted, result.Outcomes[Outcome.Ok]));
    }

    [Fact]
    public void A_closed_port_is_an_unreachable_target()
        => Assert.Throws<TargetUnreachableException>(
            () => Run(TestServer.UrlOfNobody(), WorkloadMode.PingPong, IdleStrategy.Block, connections: 1));

    [Fact]
    public void A_closing_server_is_eof()
    {
        using var server = new TestServer(connection => connection.Receive());
        Assert.Equal(100, Run(server.Url, WorkloadMode.PingPong, IdleStrategy.Spin, 1).Outcomes[Outcome.Eof]);
    }

    private static RunResult Run(string url, WorkloadMode mode, IdleStrategy idle, int connections)
    {
        Assert.True(EndpointUrl.TryParse(url, out EndpointUrl? target, out _));
        using var run = new WorkloadRun(
            new Workload { Target = target, Mode = mode, Rate = 2_000, Pipeline = 4, Framing = Framing.Line, Idle = idle, Connections = connections, Requests = 100, Timeout = TimeSpan.FromSeconds(10) },
            new PortableSockets());
        return run.Execute(_ => { }, CancellationToken.None);
    }
}
