using LowLatency.Service.Configuration;
using LowLatency.Service.Hosting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace LowLatency.Service.Sidecar;

/// <summary>The HTTP endpoint beside the fast path: metrics and health.</summary>
/// <remarks>It is served by Kestrel's own transport and the thread pool: no fast thread has anything to do with it.</remarks>
internal static class SidecarSetup
{
    internal const string MetricsPath = "/metrics";
    internal const string LivePath = "/health/live";
    internal const string ReadyPath = "/health/ready";
    internal const string KestrelMeter = "Microsoft.AspNetCore.Server.Kestrel";

    // Gauges that end in "_count", which Prometheus keeps for histograms: promtool complains of them.
    private static readonly string[] UnfitNames = ["dotnet.assembly.count", "dotnet.process.cpu.count", "dotnet.timer.count"];

    internal static IServiceCollection AddSidecar(this IServiceCollection services, ServiceOptions options)
    {
        services.AddRoutingCore();
        services.AddSidecarLimits();
        if (options.MetricsEnabled)
        {
            services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.AddService("lowlatency", serviceVersion: StartupBanner.Version))
                .WithMetrics(AddMetrics);
        }

        return services;
    }

    private static void AddMetrics(MeterProviderBuilder metrics)
    {
        metrics.AddMeter(ResponderMetrics.MeterName, KestrelMeter, "System.Runtime");
        foreach (string name in UnfitNames)
        {
            metrics.AddView(name, MetricStreamConfiguration.Drop);
        }

        // Uncached, so that a scrape shows every request that was answered before it.
        metrics.AddPrometheusExporter(exporter =>
        {
            exporter.ScrapeResponseCacheDurationMilliseconds = 0;

            // Scrapes are written one after the other: who does not read does not keep the others waiting for longer.
            exporter.ScrapeResponseTimeoutMilliseconds = 5000;
        });
    }

    internal static void ListenOn(KestrelServerOptions kestrel, SidecarUrl url)
    {
        SidecarLimits.Apply(kestrel.Limits);
        var place = new SocketsEndPoint(url.EndPoint, ApplicationScheduling.ThreadPool) { Limit = SidecarLimits.Connections() };
        kestrel.Listen(place, listen => listen.Protocols = HttpProtocols.Http1);
    }

    internal static void MapSidecar(this WebApplication app, ServiceOptions options, Readiness readiness)
    {
        app.UseRouting();
        app.UseRateLimiter();
        if (options.MetricsEnabled)
        {
            app.MapPrometheusScrapingEndpoint(MetricsPath).RequireRateLimiting(SidecarLimits.Scrapes);
        }

        app.Map(LivePath, static context => context.Response.WriteAsync("live\n"));
        app.Map(ReadyPath, context =>
        {
            bool ready = readiness.IsReady;
            context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return context.Response.WriteAsync(ready ? "ready\n" : "not ready\n");
        });
    }
}
