using System.Net;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.Service.WarmUp;

/// <summary>A connection to a private endpoint, which gives up rather than wait for ever.</summary>
internal abstract class WarmUpClient : IDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static WarmUpClient Connect(EndPoint address)
        => address is SharedMemoryEndPoint place ? new SharedMemoryWarmUpClient(place) : new SocketWarmUpClient(address);

    /// <summary>Sends a request and waits for some of its reply.</summary>
    /// <exception cref="IOException">There was none.</exception>
    internal abstract void Exchange(byte[] request, byte[] reply);

    public abstract void Dispose();
}
