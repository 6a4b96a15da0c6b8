using LowLatency.Transports.Polling;
using LowLatency.Transports.SharedMemory.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LowLatency.Transports.SharedMemory;

/// <summary>Adds the shared-memory transport to a web host.</summary>
public static class SharedMemoryWebHostBuilderExtensions
{
    /// <summary>Has Kestrel listen on <see cref="SharedMemoryEndPoint"/>s, beside the transports that listen on other endpoints.</summary>
    /// <remarks>
    /// Its connections live on the poll loops of the busy-polled transport, whose options say how they wait, whether or not that
    /// transport is used as well. Needs Linux; elsewhere it adds nothing, and such an endpoint cannot be listened on.
    /// </remarks>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Changes the options.</param>
    public static IWebHostBuilder UseSharedMemory(this IWebHostBuilder builder, Action<SharedMemoryTransportOptions>? configure = null)
        => builder.ConfigureServices(services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }

            if (OperatingSystem.IsLinux())
            {
                services.TryAddSingleton<PollLoopGroup>();
                services.AddSingleton<IConnectionListenerFactory, SharedMemoryTransportFactory>();
            }
        });
}
