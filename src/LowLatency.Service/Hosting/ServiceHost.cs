using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LowLatency.Service.Configuration;
using LowLatency.Service.Endpoints;
using LowLatency.Service.Hiccups;
using LowLatency.Service.Logging;
using LowLatency.Service.Sidecar;
using LowLatency.Service.Stopping;
using LowLatency.Service.Supervision;
using LowLatency.Service.WarmUp;
using LowLatency.Transports;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LowLatency.Service.Hosting;

/// <summary>Puts the service together and runs it until it is told to stop.</summary>
internal static class ServiceHost
{
    internal static async Task RunAsync(IConfigurationRoot configuration, ServiceOptions options, InheritedSockets inherited, LogLevels levels)
    {
        if (options.Endpoints.Any(endpoint => endpoint.Transport == TransportKind.Sockets))
        {
            InlineCompletions.Enable();
        }

        await using WebApplication app = Build(configuration, options, inherited, levels);
        var readiness = new Readiness();
        app.MapSidecar(options, readiness);
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("LowLatency.Service");
        using ServiceManager? manager = ServiceManager.Find(logger);
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            readiness.Set(false);
            manager?.Tell(ServiceManager.Stopping);
        });
        if (!OperatingSystem.IsLinux() && options.Endpoints.Any(endpoint => endpoint.SharedMemory is not null))
        {
            Log.NoSharedMemory(logger, string.Join(", ", options.Endpoints.Where(endpoint => endpoint.SharedMemory is not null).Select(endpoint => endpoint.Url)));
        }

        using var secondSignal = new SecondSignal();
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Asked to stop before anybody could connect.
            return;
        }

        WarnOfOpenness(options, logger);

        // Whatever else is to be compiled is compiled now: nothing but traffic comes after ready.
        Task stopped = StopWhenAskedAsync(app, options, logger);
        string banner = StartupBanner.Write(options, app.Services.GetRequiredService<EndpointRegistry>(), SidecarAddress(app, options));
        HiccupMeter? hiccups = app.Services.GetService<HiccupMeter>();
        hiccups?.WarmUp();
        await WarmUpAsync(app, options, logger);
        MemoryTuning.Apply(options.Tuning, logger);
        if (options.Tuning.WarmUp)
        {
            await CompilerRest.WaitAsync(app.Lifetime.ApplicationStopping);
        }

        hiccups?.Start();
        readiness.Set(true);
        if (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // In this order: the stop may have come, and have said so, in between.
            readiness.Set(false);
        }
        else
        {
            _ = manager?.TellUntilHeardAsync(ServiceManager.Ready, app.Lifetime.ApplicationStopping);
            Console.Write(banner);
        }

        await WatchAsync(stopped, manager, app.Services, logger);
        if (app.Services.GetService<ResponderMetrics>() is ResponderMetrics metrics)
        {
            Log.Stopped(logger, metrics.Requests);
        }
        else
        {
            Log.StoppedUncounted(logger);
        }
    }

    internal static void Configure(BusyPollTransportOptions polling, ServiceOptions options)
    {
        polling.OnlyBusyPollEndPoints = true;
        polling.WaitStrategy = options.Polling.WaitStrategy;
        polling.SpinFor = options.Polling.SpinFor;
        polling.Loops = options.Polling.Loops;
        polling.Cpus = options.Polling.Cpus;
        polling.VanishedPeerTimeout = options.Limits.VanishedPeerTimeout;
        polling.LastReplyTimeout = options.Responder.ReplyTimeout;
        polling.RealtimePriority = options.Tuning.RealtimePriority;
        polling.RequireTuning = options.Tuning.Required;
    }

    private static async Task WatchAsync(Task stopped, ServiceManager? manager, IServiceProvider services, ILogger logger)
    {
        if (manager is not null && Watchdog.Period is TimeSpan period)
        {
            using var over = new CancellationTokenSource();
            Task watching = Watchdog.RunAsync(() => manager.Tell(ServiceManager.Alive), period, services, logger, over.Token);
            await stopped;
            await over.CancelAsync();
            await watching;
        }

        await stopped;
    }

    private static void WarnOfOpenness(ServiceOptions options, ILogger logger)
    {
        string[] open =
        [
            .. options.Endpoints.Where(endpoint => endpoint.Tls is null && endpoint.Url.EndPoint is IPEndPoint ip && !IPAddress.IsLoopback(ip.Address)).Select(endpoint => endpoint.Url.Text),
            .. options.Sidecar is { EndPoint: IPEndPoint sidecar } && !IPAddress.IsLoopback(sidecar.Address) ? [$"http://{sidecar}"] : Array.Empty<string>(),
        ];
        if (open.Length > 0)
        {
            Log.OpenToOthers(logger, string.Join(", ", open));
        }
    }

    // The fast endpoints first: until they have ended, the sidecar says that the service is not ready.
    private static async Task StopWhenAskedAsync(WebApplication app, ServiceOptions options, ILogger logger)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = app.Lifetime.ApplicationStopping.Register(asked.SetResult);
        await asked.Task;
        var drain = new Drain(
            app.Services.GetRequiredService<OpenEndpoints>(), app.Services.GetRequiredService<ConnectionLimit>(), options.Limits.ShutdownTimeout, logger);
        using var rest = new CancellationTokenSource(await drain.RunAsync());
        await app.StopAsync(rest.Token);
    }

    private static async Task WarmUpAsync(WebApplication app, ServiceOptions options, ILogger logger)
    {
        if (!options.Tuning.WarmUp)
        {
            return;
        }

        long started = Stopwatch.GetTimestamp();
        try
        {
            var run = new WarmUpRun(options, app.Services.GetServices<IConnectionListenerFactory>(), app.Services.GetRequiredService<ILoggerFactory>());
            int requests = await run.RunAsync(app.Lifetime.ApplicationStopping);
            Log.WarmedUp(logger, requests, Stopwatch.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Nobody will make a first request.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException or TimeoutException or OperationCanceledException or CryptographicException)
        {
            Log.WarmUpFailed(logger, exception);
        }
    }

    private static WebApplication Build(IConfigurationRoot configuration, ServiceOptions options, InheritedSockets inherited, LogLevels levels)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.AddServiceLogging(levels);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        if (options.MetricsEnabled)
        {
            builder.Services.AddSingleton<ResponderMetrics>();
            builder.Services.AddSingleton(provider => new HiccupMeter(provider.GetRequiredService<IMeterFactory>(), options.Polling.Cpus));
        }

        builder.Services.AddSidecar(options);
        builder.Services.AddSingleton<OpenEndpoints>();
        builder.Services.AddSingleton(provider => new EndpointRegistry(
            options,
            provider.GetService<ResponderMetrics>(),
            provider.GetRequiredService<OpenEndpoints>(),
            inherited,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("LowLatency.Service")));
        builder.Services.AddSingleton(provider => Limit(options, provider.GetService<ResponderMetrics>()));
        builder.WebHost.UseKestrelCore().UseInlineSockets().UseSharedMemory(shm => shm.HandshakeTimeout = options.Limits.HandshakeTimeout).UseBusyPoll(polling => Configure(polling, options));
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            if (options.Sidecar is not null)
            {
                SidecarSetup.ListenOn(kestrel, options.Sidecar);
            }

            kestrel.ApplicationServices.GetRequiredService<EndpointRegistry>().ListenOn(kestrel);
        });
        return builder.Build();
    }

    private static ConnectionLimit Limit(ServiceOptions options, ResponderMetrics? metrics) => new(
        options.Limits.MaxConnections,
        options.Limits.MaxConnectionsPerAddress,
        refused: metrics is null ? null : () => metrics.CountError(ErrorType.ConnectionLimit));

    private static string? SidecarAddress(WebApplication app, ServiceOptions options)
        => options.Sidecar is null
            ? null
            : app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
                .FirstOrDefault(address => address.StartsWith("http://", StringComparison.Ordinal) && !address.Contains("unix:", StringComparison.Ordinal));
}
