using System.Net;
using System.Net.Sockets;

namespace LowLatency.LoadTest.Tests.Servers;

/// <summary>A server that treats its connections in a way that is known beforehand, each on a thread of its own.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly Socket _listener;
    private readonly Action<TestConnection> _serve;
    private readonly List<Socket> _accepted = [];
    private readonly Lock _lock = new();
    private bool _isClosed;

    public TestServer(Action<TestConnection> serve)
    {
        _serve = serve;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Url = $"tcp://{_listener.LocalEndPoint}";
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public string Url { get; }

    /// <summary>No connection is accepted any more; those that are go on.</summary>
    public void StopListening() => _listener.Dispose();

    /// <summary>A server that sends <paramref name="reply"/> for every arrival.</summary>
    public static TestServer Answering(byte[] reply) => new(connection =>
    {
        while (connection.Receive())
        {
            connection.Send(reply);
        }
    });

    /// <summary>A server that sends <paramref name="reply"/> for every line, and all that it owes at once.</summary>
    public static TestServer AnsweringLines(byte[] reply) => new(connection =>
    {
        byte[] replies = [.. Enumerable.Repeat(reply, 64).SelectMany(bytes => bytes)];
        while (connection.Receive())
        {
            for (int owed = connection.Received.AsSpan().Count((byte)'\n'); owed > 0; owed -= 64)
            {
                connection.Send(replies[..(Math.Min(owed, 64) * reply.Length)]);
            }
        }
    });

    /// <summary>A port where nobody listens.</summary>
    public static string UrlOfNobody()
    {
        using var server = new TestServer(_ => { });
        return server.Url;
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.Accept();
                lock (_lock)
                {
                    _accepted.Add(socket);
                    if (_isClosed)
                    {
                        socket.Dispose();
                    }
                }

                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the end of the server.
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            _serve(new TestConnection(socket, this));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client went first, or the test is over.
        }

        socket.Dispose();
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_lock)
        {
            _isClosed = true;
            _accepted.ForEach(socket => socket.Dispose());
        }
    }
}
