using LowLatency.Client;
using LowLatency.Transports.SharedMemory;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Service.WarmUp;

/// <summary>A client of the shared-memory transport, which looks for the reply on its own thread.</summary>
internal sealed class SharedMemoryWarmUpClient : WarmUpClient
{
    private readonly LowLatencyClient _client;

    // On a machine that is busy otherwise the service's loop may be waiting for the very CPU that this thread spins on.
    private static readonly TimeSpan SpinFor = TimeSpan.FromMicroseconds(50);

    internal SharedMemoryWarmUpClient(SharedMemoryEndPoint place, IConnectionFactory connections)
    {
        // What goes over the rings is framed already, and rings keep messages apart by themselves.
        var options = new LowLatencyClientOptions { ConnectTimeout = Patience, AskTimeout = Patience, SpinFor = SpinFor, ConnectionFactory = connections };
        _client = LowLatencyClient.ConnectAsync($"shm://{place.Path}", options).AsTask().GetAwaiter().GetResult();
    }

    internal override void Exchange(byte[] request, byte[] reply) => _client.Ask(request, reply);

    public override void Dispose() => _client.Dispose();
}
