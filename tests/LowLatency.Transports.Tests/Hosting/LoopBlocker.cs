using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>An application that says which thread it runs on, and blocks a loop where it is asked to, until all of them are released.</summary>
internal sealed class LoopBlocker : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private int _started;
    private int _blocked;

    /// <summary>Connections that were started.</summary>
    internal int Started => Volatile.Read(ref _started);

    internal async Task HandleAsync(ConnectionContext connection)
    {
        Interlocked.Increment(ref _started);
        PipeWriter output = connection.Transport.Output;
        try
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

                if (blocks)
                {
                    Interlocked.Increment(ref _blocked);
                    _release.Wait();
                }

                await output.WriteTextAsync(Thread.CurrentThread.IsThreadPoolThread ? "pool" : "loop");
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Connects once for each loop, and blocks them all.</summary>
    /// <returns>The connections, which hear once more of their loops when those are released.</returns>
    internal async Task<Peer[]> BlockAsync(TestServer server, int loops = 1)
    {
        var peers = new Peer[loops];
        for (int index = 0; index < loops; index++)
        {
            // What comes soon is read on the thread that starts the connection; from the first read on that has to wait, on the loop.
            peers[index] = await server.ConnectAsync();
            do
            {
                await peers[index].SendAsync("a!");
            }
            while (await peers[index].ReceiveTextAsync(4) != "loop");
        }

        await Task.WhenAll(peers.Select(peer => peer.SendAsync("block!")));
        await Eventually.IsTrue(() => Volatile.Read(ref _blocked) == loops, () => $"{_blocked} blocked");
        return peers;
    }

    internal void Release() => _release.Set();

    public void Dispose()
    {
        _release.Set();
        _release.Dispose();
    }
}
