using System.Net;
using LowLatency.Transports.SharedMemory;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>The other side of a connection: a raw client.</summary>
internal abstract class Peer : IDisposable
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static Task<Peer> ConnectAsync(EndPoint address)
        => address is SharedMemoryEndPoint place ? SharedMemoryPeer.AttachAsync(place) : SocketPeer.ConnectAsync(address);

    internal abstract Task SendAsync(ReadOnlyMemory<byte> bytes);

    internal Task SendAsync(string text) => SendAsync(System.Text.Encoding.ASCII.GetBytes(text));

    /// <summary>Sends what fits now.</summary>
    internal abstract int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Ends the sending side only.</summary>
    internal abstract void ShutdownSend();

    internal abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    internal async Task<byte[]> ReceiveExactlyAsync(int length)
    {
        byte[] bytes = new byte[length];
        int count = 0;
        while (count < length)
        {
            int received = await ReceiveAsync(bytes.AsMemory(count));
            Assert.True(received > 0, $"The connection ended after {count} of {length} bytes.");
            count += received;
        }

        return bytes;
    }

    internal async Task<string> ReceiveTextAsync(int length) => System.Text.Encoding.ASCII.GetString(await ReceiveExactlyAsync(length));

    internal async Task<byte[]> ReceiveToEndAsync()
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (await ReceiveAsync(buffer) is int count and > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    internal async Task<string> ReceiveTextToEndAsync() => System.Text.Encoding.ASCII.GetString(await ReceiveToEndAsync());

    /// <summary>Waits until the other side has ended or reset the connection.</summary>
    internal async Task SeesTheEndAsync()
    {
        try
        {
            _ = await ReceiveToEndAsync();
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
        {
        }
    }

    /// <summary>Closes with a reset. A Unix socket has none: there the other side sees an error only if something was unread.</summary>
    internal abstract void Reset();

    public abstract void Dispose();
}
