using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Connections that wait in the listening socket's queue when the server stops, as every loop is busy: blocked by the application.</summary>
public sealed class LastAcceptTests : IDisposable
{
    private const int Waiting = 8;
    private readonly ManualResetEventSlim _release = new();

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_of_them_is_served_whichever_loop_it_comes_to(int loops)
    {
        await using TestServer server = await TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => options.Loops = loops), HandleAsync);
        Task[] blocking = [.. await Task.WhenAll(Enumerable.Range(0, loops).Select(_ => BlockAsync(server)))];
        Peer[] waiting = new Peer[Waiting];
        for (int index = 0; index < Waiting; index++)
        {
            waiting[index] = await server.ConnectAsync();
            await waiting[index].SendAsync("a");
        }

        Task stop = server.StopAsync();
        _release.Set();

        foreach (Peer peer in waiting)
        {
            Assert.Equal("!", await peer.ReceiveTextAsync(1));
            peer.Dispose();
        }

        await Task.WhenAll(blocking);
        await stop;
    }

    public void Dispose() => _release.Dispose();

    // Until its loop is blocked; what comes back is the rest, behind the release.
    private static async Task<Task> BlockAsync(TestServer server)
    {
        Peer peer = await server.ConnectAsync();

        // What has arrived before the first read goes on where it is: on a pool thread, which is not blocked.
        string thread;
        do
        {
            await peer.SendAsync("a");
            thread = await peer.ReceiveTextAsync(1);
        }
        while (thread != "L");
        await peer.SendAsync("block");
        thread = await peer.ReceiveTextAsync(1);
        Assert.Equal("B", thread);
        return EndAsync();

        async Task EndAsync()
        {
            Assert.Equal("!", await peer.ReceiveTextAsync(1));
            peer.Dispose();
        }
    }

    private async Task HandleAsync(ConnectionContext connection)
    {
        while (true)
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            bool blocks = read.Text().Contains("block", StringComparison.Ordinal);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            bool isOnLoop = Thread.CurrentThread.Name?.StartsWith("LowLatency ", StringComparison.Ordinal) == true;
            if (!blocks)
            {
                await connection.Transport.Output.WriteTextAsync(_release.IsSet || !isOnLoop ? "!" : "L");
                continue;
            }

            Assert.True(isOnLoop);
            await connection.Transport.Output.WriteTextAsync("B");
            _release.Wait(TestContext.Current.CancellationToken);
            await connection.Transport.Output.WriteTextAsync("!");
        }
    }
}
