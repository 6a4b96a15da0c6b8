using System.Net;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Service.WarmUp;

/// <summary>A connection to a private endpoint, which gives up rather than wait for ever.</summary>
internal abstract class WarmUpClient : IDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="endpoint">Where to.</param>
    /// <param name="connections">What attaches to shared memory.</param>
    internal static WarmUpClient Connect(TwinEndpoint endpoint, IConnectionFactory connections) => endpoint.Address switch
    {
        SharedMemoryEndPoint place => new SharedMemoryWarmUpClient(place, connections),
        EndPoint address => endpoint.IsEncrypted ? new TlsWarmUpClient(address) : new SocketWarmUpClient(address),
    };

    /// <summary>Sends a request and waits for some of its reply.</summary>
    /// <exception cref="IOException">There was none.</exception>
    internal abstract void Exchange(byte[] request, byte[] reply);

    public abstract void Dispose();
}
