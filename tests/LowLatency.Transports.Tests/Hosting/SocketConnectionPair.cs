using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.BusyPoll.Internal;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>A polled connection, and a socket at its other end, without a server around it.</summary>
internal sealed class SocketConnectionPair : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly ListenSocket _listening;
    private readonly StreamSocket _accepted;
    private readonly bool _ownsLoop;

    /// <summary>On a loop without a thread: the test drives it step by step.</summary>
    /// <param name="family">TCP on loopback, or Unix.</param>
    /// <param name="afterTheEnd">The loop has ended before the connection is there.</param>
    internal SocketConnectionPair(AddressFamily family, bool afterTheEnd = false)
        : this(family, new PollLoop("test", WaitStrategy.Blocking, new BusyPollTransportOptions(), cpusAreScarce: false, setUpThread: null, NullLogger.Instance))
    {
        if (afterTheEnd)
        {
            Loop.Dispose();
        }

        Loop.Add(Server);
        _ownsLoop = true;
    }

    /// <summary>On a loop that the test has made, and adds it to.</summary>
    internal SocketConnectionPair(AddressFamily family, PollLoop loop)
    {
        EndPoint address = family == AddressFamily.Unix ? new UnixDomainSocketEndPoint(_path) : new IPEndPoint(IPAddress.Loopback, 0);
        ProtocolType protocol = family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        var listening = new Socket(family, SocketType.Stream, protocol);
        listening.Bind(address);
        listening.Listen();
        _listening = new ListenSocket(listening);
        Client = new Socket(family, SocketType.Stream, protocol);
        Client.Connect(_listening.LocalEndPoint);
        Assert.Equal(Errno.None, _listening.TryAccept(out StreamSocket? accepted, out _));
        _accepted = accepted!;
        Loop = loop;
        Server = new SocketConnection(loop, _accepted, local: null, remote: null, inline: true, receiveBytes: 4096, closed: null);
        Server.NeedsNoStart();
    }

    internal PollLoop Loop { get; }

    internal Socket Client { get; }

    internal SocketConnection Server { get; }

    /// <summary>The server's descriptor has been given back.</summary>
    internal bool IsClosed => _accepted.IsClosed;

    public void Dispose()
    {
        Client.Dispose();
        if (_ownsLoop)
        {
            Loop.Dispose();
        }

        _listening.Dispose();
        File.Delete(_path);
    }
}
