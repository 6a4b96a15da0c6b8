using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;

namespace LowLatency.Benchmarks.PipeEnds;

/// <summary>Two ends of one Unix connection within this process.</summary>
internal sealed class SocketPair : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-benchmark-");

    internal SocketPair()
    {
        var address = new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "pair.sock"));
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(address);
        listening.Listen();
        using var listener = new ListenSocket(listening);
        Near = Connected(new StreamConnector(address).TryConnect(out StreamSocket? near), near);
        Far = Connected(listener.TryAccept(out StreamSocket? far, out EndPoint? _), far);
    }

    internal StreamSocket Near { get; }

    internal StreamSocket Far { get; }

    private static StreamSocket Connected(Errno error, StreamSocket? socket)
        => socket ?? throw new LinuxException("connect or accept", error);

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
        _folder.Delete(recursive: true);
    }
}
