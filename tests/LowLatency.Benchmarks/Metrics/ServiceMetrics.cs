using LowLatency.Service.Configuration;
using LowLatency.Service.Sidecar;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace LowLatency.Benchmarks.Metrics;

/// <summary>The service's instruments, collected by the service's own configuration: same reader, same views.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly ServiceProvider _services;

    internal ServiceMetrics()
    {
        ServiceOptions options = ServiceOptionsReader.Read(new ConfigurationBuilder().Build(), new ConfigurationProblems());
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<ResponderMetrics>()
            .AddSidecar(options)
            .BuildServiceProvider();

        // Before the instruments are made, as in the service: from here on they are listened to.
        _services.GetRequiredService<MeterProvider>();
        Tcp = _services.GetRequiredService<ResponderMetrics>().ForTransport("tcp");
    }

    internal TransportMetrics Tcp { get; }

    public void Dispose() => _services.Dispose();
}
