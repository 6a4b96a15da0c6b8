using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LowLatency.Transports.BusyPoll;

/// <summary>Adds the busy-polled transport to a web host.</summary>
public static class BusyPollWebHostBuilderExtensions
{
    /// <summary>Has Kestrel listen by poll loops instead of its Sockets transport.</summary>
    /// <remarks>
    /// Trades CPU for latency, see <see cref="WaitStrategy"/>. Needs Linux; elsewhere Kestrel's Sockets transport listens, and one
    /// log line says so: what an endpoint says of networks and limits holds there as well, one that names users is refused. A
    /// <see cref="ConnectionLimit"/> among the services is enforced.
    /// </remarks>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Changes the options.</param>
    public static IWebHostBuilder UseBusyPoll(this IWebHostBuilder builder, Action<BusyPollTransportOptions>? configure = null)
        => builder.ConfigureServices(services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }

            if (OperatingSystem.IsLinux())
            {
                services.TryAddSingleton<PollLoopGroup>();
                services.AddSingleton<IConnectionListenerFactory, BusyPollTransportFactory>();
            }
            else
            {
                services.AddSingleton<IConnectionListenerFactory, FallbackTransportFactory>();
            }
        });
}
