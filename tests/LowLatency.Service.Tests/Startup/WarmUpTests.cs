using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Startup;

/// <summary>The warm-up drives the service's own code, and leaves no trace that a user could see.</summary>
public abstract class WarmUpTests(string transport)
{
    [Fact]
    public async Task A_warm_up_is_not_counted_and_takes_no_slot()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            [
                "--LowLatency:Tuning:WarmUp=true",
                "--LowLatency:Limits:MaxConnections=1",
                .. ServiceProgram.Transport(transport, "Tcp", "Unix"),
            ]);
        Assert.Contains(service.Lines, line => line.Contains("Warmed up by ", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Lines, line => line.Contains(" WRN ", StringComparison.Ordinal));
        Assert.Equal(0, await service.MetricAsync("lowlatency_requests_total"));
        Assert.Equal(0, await service.MetricAsync("lowlatency_errors_total"));
        Assert.Equal(0, await service.MetricAsync("lowlatency_connections_active"));

        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        await service.AssertMetricAsync(1, "lowlatency_requests_total");
    }
}

public sealed class BusyPollWarmUpTests() : WarmUpTests("BusyPoll");

public sealed class SocketsWarmUpTests() : WarmUpTests("Sockets");
