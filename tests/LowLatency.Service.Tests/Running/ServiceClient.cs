using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LowLatency.Service.Tests.Running;

/// <summary>A plain socket to the service, that gives up at a deadline.</summary>
internal sealed class ServiceClient : IDisposable
{
    private readonly byte[] _received = new byte[64 * 1024];

    private ServiceClient(Socket socket) => Socket = socket;

    internal Socket Socket { get; }

    internal static async Task<ServiceClient> ConnectAsync(EndPoint address, IPAddress? from = null)
    {
        ProtocolType protocol = address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, protocol);
        try
        {
            if (from is not null)
            {
                socket.Bind(new IPEndPoint(from, 0));
            }

            using var deadline = new CancellationTokenSource(Deadline.Default);
            await socket.ConnectAsync(address, deadline.Token);
            return new ServiceClient(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal async Task SendAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Deadline.Default);
        await Socket.SendAsync(Encoding.Latin1.GetBytes(text), deadline.Token);
    }

    internal void HalfClose() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Receives that much, or less where the connection ends before.</summary>
    internal async Task<string> ReceiveAsync(int length)
    {
        var text = new StringBuilder();
        using var deadline = new CancellationTokenSource(Deadline.Default);
        while (text.Length < length)
        {
            int count = await Socket.ReceiveAsync(_received.AsMemory(0, Math.Min(_received.Length, length - text.Length)), deadline.Token);
            if (count == 0)
            {
                break;
            }

            text.Append(Encoding.Latin1.GetString(_received, 0, count));
        }

        return text.ToString();
    }

    /// <summary>Receives until the service ends the connection.</summary>
    internal Task<string> ReceiveToTheEndAsync() => ReceiveAsync(int.MaxValue);

    internal async Task<string> AskAsync(string request, int replyLength = 9)
    {
        await SendAsync(request);
        return await ReceiveAsync(replyLength);
    }

    public void Dispose() => Socket.Dispose();
}
