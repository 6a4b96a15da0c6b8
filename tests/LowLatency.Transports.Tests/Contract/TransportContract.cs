using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tests.Contract;

/// <summary>What every transport owes to an application, tested by real sockets against a real server.</summary>
/// <remarks>Each part stands in a file of its own; each transport is a class of a few lines.</remarks>
public abstract partial class TransportContract
{
    private protected const int Timeout = Hanging.After;

    /// <summary>The transport under test.</summary>
    private protected abstract TestTransport Transport { get; }

    /// <summary>What one side can send although the other does not read.</summary>
    private protected virtual int MuchButLessThanBuffersTake => 100_000;

    private protected Task<TestServer> StartAsync(Func<ConnectionContext, Task> handler) => TestServer.StartAsync(Transport, handler);
}
