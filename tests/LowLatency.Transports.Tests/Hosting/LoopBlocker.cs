using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>An application that says which thread it runs on, and blocks a loop where it is asked to, until all of them are released.</summary>
internal sealed class LoopBlocker : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private int _started;

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
                    await output.WriteTextAsync("busy");
                    _release.Wait();
                }

                await output.WriteTextAsync(Thread.CurrentThread.IsThreadPoolThread ? "pool" : "loop");
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Connects, and blocks the loop that the connection comes to.</summary>
    /// <returns>The connection, which hears once more of the loop when that is released.</returns>
    internal static async Task<Peer> BlockAsync(TestServer server)
    {
        // What comes soon is read on the thread that starts the connection; from the first read on that has to wait, on the loop.
        Peer peer = await server.ConnectAsync();
        string thread;
        do
        {
            await peer.SendAsync("a!");
            thread = await peer.ReceiveTextAsync(4);
        }
        while (thread != "loop");
        await peer.SendAsync("block!");
        Assert.Equal("busy", await peer.ReceiveTextAsync(4));
        return peer;
    }

    internal void Release() => _release.Set();

    public void Dispose()
    {
        _release.Set();
        _release.Dispose();
    }
}
