using System.Net;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LowLatency.LoadTest.ReferenceServer;

/// <summary>Runs one application on one transport until the process is told to end.</summary>
internal static class ReferenceServerHost
{
    /// <param name="options">What to run.</param>
    /// <param name="ready">Called once it listens.</param>
    /// <param name="interrupted">Ends it.</param>
    public static async Task RunAsync(ReferenceServerOptions options, Action ready, CancellationToken interrupted)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (options.Transport == ReferenceTransport.SharedMemoryInline)
        {
            builder.WebHost.UseSharedMemory();
            builder.Services.Configure<BusyPollTransportOptions>(polling => polling.Cpus = options.Cpu is int cpu ? [cpu] : []);
        }
        else if (options.Transport != ReferenceTransport.KestrelDefault)
        {
            builder.WebHost.UseBusyPoll(polling =>
            {
                polling.Cpus = options.Cpu is int cpu ? [cpu] : [];
                polling.Scheduling = options.Transport == ReferenceTransport.BusyPollInline
                    ? ApplicationScheduling.Inline
                    : ApplicationScheduling.ThreadPool;
            });
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // A reply that says no more than another server's does.
            kestrel.AddServerHeader = false;
            Listen(kestrel, options.Tcp.EndPoint, options.Application);
            if (options.Unix is not null)
            {
                Listen(kestrel, options.Unix.EndPoint, options.Application);
            }

            if (options.Transport == ReferenceTransport.SharedMemoryInline && options.Shm is not null)
            {
                Listen(kestrel, options.Shm.EndPoint, options.Application);
            }
        });
        await using WebApplication app = builder.Build();
        HttpApplication.AddTo(app);
        await app.StartAsync(interrupted);
        ready();
        await app.StopWhenAsync(interrupted);
    }

    private static void Listen(KestrelServerOptions kestrel, EndPoint endPoint, ReferenceApplication application)
        => kestrel.Listen(endPoint, listen =>
        {
            if (application == ReferenceApplication.Raw)
            {
                listen.UseConnectionHandler<RawApplication>();
            }
            else
            {
                listen.Protocols = HttpProtocols.Http1;
            }
        });

    private static async Task StopWhenAsync(this WebApplication app, CancellationToken interrupted)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, interrupted);
        }
        catch (OperationCanceledException)
        {
            await app.StopAsync(CancellationToken.None);
        }
    }
}
