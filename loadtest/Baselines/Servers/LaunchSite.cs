using LowLatency.LoadTest.Demo;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>What a server needs to know of the place where it is started.</summary>
/// <param name="Endpoints">Where it listens.</param>
/// <param name="Cpus">Who runs where.</param>
/// <param name="Service">The service's assembly, or its native executable.</param>
/// <param name="CPrograms">Where the C programs have been built.</param>
internal sealed record LaunchSite(DemoEndpoints Endpoints, CpuPlan Cpus, string Service, string CPrograms)
{
    public EndpointUrl UrlOf(Wire wire) => Endpoints.Of(wire);
}
