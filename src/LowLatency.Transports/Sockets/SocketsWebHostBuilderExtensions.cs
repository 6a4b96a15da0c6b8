using LowLatency.Transports.Sockets.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace LowLatency.Transports.Sockets;

/// <summary>Adds the tuned Sockets transport to a web host.</summary>
public static class SocketsWebHostBuilderExtensions
{
    /// <summary>Has Kestrel listen on every <see cref="SocketsEndPoint"/> by its own Sockets transport, completing inline.</summary>
    /// <remarks>
    /// The handler runs on the runtime's socket thread and must not block. It takes effect only together with
    /// <see cref="InlineCompletions.Enable"/>: one of the two alone is slower than none.
    /// </remarks>
    /// <param name="builder">The web host. A <see cref="ConnectionLimit"/> among its services is kept.</param>
    public static IWebHostBuilder UseInlineSockets(this IWebHostBuilder builder)
        => builder.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory, GuardedSocketsTransportFactory>());
}
