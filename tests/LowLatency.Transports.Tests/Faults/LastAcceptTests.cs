using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Connections that wait in the listening socket's queue when the server stops, as every loop is busy: blocked by the application.</summary>
public sealed class LastAcceptTests : IDisposable
{
    private const int Waiting = 8;
    private readonly LoopBlocker _blocker = new();

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_of_them_is_served_whichever_loop_it_comes_to(int loops)
    {
        await using TestServer server = await TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => options.Loops = loops), _blocker.HandleAsync);
        Peer[] blocking = await Task.WhenAll(Enumerable.Range(0, loops).Select(_ => LoopBlocker.BlockAsync(server)));
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
            Assert.Contains(await peer.ReceiveTextAsync(4), (string[])["loop", "pool"]);
            peer.Dispose();
        }

        await stop;
    }

    public void Dispose() => _blocker.Dispose();
}
