using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LowLatency.Service.Sidecar;

/// <summary>Whether the service wants traffic: from the end of its start to the beginning of its stop.</summary>
internal sealed class Readiness : IHealthCheck
{
    private volatile bool _ready;

    public Readiness(IHostApplicationLifetime lifetime)
    {
        lifetime.ApplicationStarted.Register(() => _ready = true);
        lifetime.ApplicationStopping.Register(() => _ready = false);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(_ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}
