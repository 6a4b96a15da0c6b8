using System.Net;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Observing;

/// <summary>What the sidecar says of the service's health, and what it does not serve.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_service_that_listens_is_live_and_ready_and_serves_nothing_unknown()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using HttpResponseMessage live = await service.GetAsync("/health/live");
        using HttpResponseMessage ready = await service.GetAsync("/health/ready");
        using HttpResponseMessage unknown = await service.GetAsync("/unknown");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), (live.StatusCode, ready.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task Without_metrics_there_is_health_all_the_same()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Metrics:Enabled=false");
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        using HttpResponseMessage ready = await service.GetAsync("/health/ready");
        using HttpResponseMessage metrics = await service.GetAsync("/metrics");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (ready.StatusCode, metrics.StatusCode));
        Assert.Equal(0, await service.StopAsync());
        Assert.Contains(service.Lines, line => line.EndsWith(" Stopped", StringComparison.Ordinal));
    }
}
