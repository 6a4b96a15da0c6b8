using System.Net.Sockets;

namespace LowLatency.LoadTest.Tests.Servers;

/// <summary>A connection from the server's side.</summary>
internal sealed class TestConnection(Socket socket, TestServer server)
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    public TestServer Server => server;

    /// <summary>What <see cref="Receive"/> received last.</summary>
    public byte[] Received { get; private set; } = [];

    /// <summary>Waits for bytes.</summary>
    /// <returns>Whether there were any; else the client has closed.</returns>
    public bool Receive()
    {
        int count = socket.Receive(_buffer);
        Received = _buffer[..count];
        return count > 0;
    }

    public void Send(byte[] bytes) => socket.Send(bytes);

    /// <summary>Sends every byte as a segment of its own.</summary>
    public void SendInPieces(byte[] bytes)
    {
        foreach (byte one in bytes)
        {
            socket.Send([one]);
        }
    }

    /// <summary>Keeps silent until the client closes.</summary>
    public void KeepSilent()
    {
        while (Receive())
        {
        }
    }

    /// <summary>Makes the end of the connection a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }
}
