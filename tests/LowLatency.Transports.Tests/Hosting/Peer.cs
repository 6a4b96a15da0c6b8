using System.Net;
using System.Net.Sockets;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>The other side of a connection: a raw client socket.</summary>
internal sealed class Peer : IDisposable
{
    private Peer(Socket socket) => Socket = socket;

    internal Socket Socket { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<Peer> ConnectAsync(EndPoint address)
    {
        bool overIp = address is IPEndPoint;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, overIp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (overIp)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(address, Cancellation);
            return new Peer(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await Socket.SendAsync(bytes, Cancellation)..];
        }
    }

    internal Task SendAsync(string text) => SendAsync(System.Text.Encoding.ASCII.GetBytes(text));

    /// <summary>Ends the sending side only.</summary>
    internal void ShutdownSend() => Socket.Shutdown(SocketShutdown.Send);

    internal ValueTask<int> ReceiveAsync(Memory<byte> buffer) => Socket.ReceiveAsync(buffer, Cancellation);

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
        catch (SocketException)
        {
        }
    }

    /// <summary>Closes with a reset. A Unix socket has none: there the other side sees an error only if something was unread.</summary>
    internal void Reset()
    {
        if (Socket.AddressFamily != AddressFamily.Unix)
        {
            Socket.LingerState = new LingerOption(true, 0);
        }

        Socket.Close(0);
    }

    public void Dispose() => Socket.Dispose();
}
