using System.Globalization;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>The service as it is shipped, with its poll loop on a CPU of its own.</summary>
internal sealed record ServiceServer(bool HasMetrics) : Server
{
    public override string Title => HasMetrics ? "service" : "service, metrics off";

    public override ServerLaunch Launch(LaunchSite site)
    {
        var command = new List<string>(ServiceLocation.CommandFor(site.Service));

        // What the user has configured elsewhere must not change what is measured here.
        command.AddRange([
            "--LowLatency:Response=respuesta",
            "--LowLatency:Framing=None",
            $"--LowLatency:Endpoints:Tcp:Url={site.Endpoints.Tcp}",
            $"--LowLatency:Endpoints:Unix:Url={site.Endpoints.Unix}",
            "--LowLatency:Endpoints:Shm:Url=",
            "--LowLatency:Endpoints:Udp:Url=",
            $"--LowLatency:Sidecar:Url={site.Endpoints.Sidecar.GetLeftPart(UriPartial.Authority)}",
            $"--LowLatency:Metrics:Enabled={HasMetrics}"]);
        if (site.Cpus.BusyServerCpu is int cpu)
        {
            command.Add(string.Create(CultureInfo.InvariantCulture, $"--LowLatency:Polling:Cpus:0={cpu}"));
        }

        return new ServerLaunch(command) { Health = new Uri(site.Endpoints.Sidecar, "/health/ready") };
    }
}
