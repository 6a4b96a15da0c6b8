using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Connections that wait in the listening socket's queue when the server stops, as every loop is busy: blocked by the application.</summary>
public sealed class LastAcceptTests : IDisposable
{
    private const int Timeout = Hanging.After;
    private const int Waiting = 8;
    private readonly LoopBlocker _blocker = new();

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_of_them_is_served_whichever_loop_it_comes_to(int loops)
    {
        await using TestServer server = await TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => options.Loops = loops), _blocker.HandleAsync, shutdownTimeout: Hanging.Patience);
        Peer[] blocking = await _blocker.BlockAsync(server, loops);
        Peer[] waiting = new Peer[Waiting];
        for (int index = 0; index < Waiting; index++)
        {
            waiting[index] = await server.ConnectAsync();
            await waiting[index].SendAsync("a!");
        }

        Task stop = server.StopAsync();
        _blocker.Release();

        foreach (Peer peer in (Peer[])[.. waiting, .. blocking])
        {
            await IsServedAsync(peer);
        }

        await stop;
    }

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_of_those_who_are_about_to_attach_to_shared_memory_is_served(int loops)
    {
        await using TestServer server = await TestServer.StartAsync(
            new SharedMemoryTransport(ApplicationScheduling.Inline, options => options.Loops = loops), _blocker.HandleAsync, shutdownTimeout: Hanging.Patience);
        Peer[] blocking = await _blocker.BlockAsync(server, loops);
        Task<Peer>[] attaching = [.. Enumerable.Range(0, Waiting).Select(_ => Task.Run(server.ConnectAsync))];
        string path = ((SharedMemoryEndPoint)server.Address).Path;
        await Eventually.IsTrue(() => UnixSockets.At(path) == 1 + loops + Waiting, () => $"{UnixSockets.At(path)} sockets");

        Task stop = server.StopAsync();
        _blocker.Release();

        await Task.WhenAll(attaching.Select(async attaching =>
        {
            Peer peer = await attaching;
            await peer.SendAsync("a!");
            await IsServedAsync(peer);
        }));
        await Task.WhenAll(blocking.Select(IsServedAsync));
        await stop;
    }

    public void Dispose() => _blocker.Dispose();

    private static async Task IsServedAsync(Peer peer)
    {
        Assert.Contains(await peer.ReceiveTextAsync(4), (string[])["loop", "pool"]);
        peer.Dispose();
    }
}
