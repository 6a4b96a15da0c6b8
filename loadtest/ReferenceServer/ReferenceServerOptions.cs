using LowLatency.Transports;

namespace LowLatency.LoadTest.ReferenceServer;

/// <summary>What a reference server of the tester's own listens by.</summary>
internal enum ReferenceTransport
{
    /// <summary>Kestrel's Sockets transport as it comes: no option touched.</summary>
    KestrelDefault,

    /// <summary>The busy-polled transport, with the application on the thread pool.</summary>
    BusyPoll,

    /// <summary>The busy-polled transport, with the application on the loop.</summary>
    BusyPollInline,

    /// <summary>Shared memory with the application on the loop, beside the default transport.</summary>
    SharedMemoryInline,
}

/// <summary>What it answers.</summary>
internal enum ReferenceApplication
{
    /// <summary>The raw reply to any bytes.</summary>
    Raw,

    /// <summary>HTTP/1.1.</summary>
    Http,
}

/// <param name="Transport">The transport.</param>
/// <param name="Application">The application.</param>
/// <param name="Tcp">Where to listen.</param>
/// <param name="Unix">Where else; <c>null</c> for nowhere.</param>
/// <param name="Shm">Where the transport for shared memory listens.</param>
/// <param name="Cpu">The poll loop's CPU; the default transport has none. <c>null</c> for any.</param>
internal sealed record ReferenceServerOptions(
    ReferenceTransport Transport, ReferenceApplication Application, EndpointUrl Tcp, EndpointUrl? Unix, EndpointUrl? Shm, int? Cpu);
