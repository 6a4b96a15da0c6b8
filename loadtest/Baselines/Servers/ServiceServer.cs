using System.Globalization;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>The service as it is shipped, with its poll loop on a CPU of its own.</summary>
/// <param name="HasMetrics">Whether it measures itself.</param>
/// <param name="Only">The one endpoint that it has; <c>null</c> for all.</param>
internal sealed record ServiceServer(bool HasMetrics, Wire? Only = null) : Server
{
    public override string Title => (HasMetrics, Only) switch
    {
        (false, _) => "service, metrics off",
        (true, Wire only) => $"service, {only.ToString().ToLowerInvariant()} only",
        _ => "service",
    };

    public override ServerLaunch Launch(LaunchSite site)
    {
        var command = new List<string>(ServiceLocation.CommandFor(site.Service));

        // What the user has configured elsewhere must not change what is measured here.
        command.AddRange([
            "--LowLatency:Response=respuesta",
            "--LowLatency:Framing=None",
            .. Enum.GetValues<Wire>().Select(wire => $"--LowLatency:Endpoints:{wire}:Url={(Only is null || Only == wire ? site.UrlOf(wire).Text : "")}"),
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
