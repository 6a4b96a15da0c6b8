using LowLatency.Client;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.Service.WarmUp;

/// <summary>A client of the shared-memory transport, which looks for the reply on its own thread.</summary>
/// <remarks>The loop that attaches it is the process's shared one for clients, and sleeps as soon as nobody attaches any more.</remarks>
internal sealed class SharedMemoryWarmUpClient : WarmUpClient
{
    private readonly LowLatencyClient _client;

    internal SharedMemoryWarmUpClient(SharedMemoryEndPoint place)
    {
        // What goes over the rings is framed already, and rings keep messages apart by themselves.
        var options = new LowLatencyClientOptions { ConnectTimeout = Patience, AskTimeout = Patience };
        _client = LowLatencyClient.ConnectAsync($"shm://{place.Path}", options).AsTask().GetAwaiter().GetResult();
    }

    internal override void Exchange(byte[] request, byte[] reply) => _client.Ask(request, reply);

    public override void Dispose() => _client.Dispose();
}
