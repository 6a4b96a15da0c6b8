using System.Net;
using System.Net.Sockets;
using LowLatency.LoadTest.Baselines;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Demo;

/// <summary>Ports and paths that are free, for a service that meets no other one; the paths go away with it.</summary>
internal sealed class DemoEndpoints : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-");

    public DemoEndpoints()
    {
        // Both are held until both are known, or the second could be the first.
        using Socket service = BindAnyPort();
        using Socket sidecar = BindAnyPort();
        Tcp = Parse($"tcp://{service.LocalEndPoint}");
        Unix = Parse($"unix://{Path.Combine(_folder.FullName, "unix.sock")}");
        Shm = Parse($"shm://{Path.Combine(_folder.FullName, "shm.sock")}");
        Sidecar = new Uri($"http://{sidecar.LocalEndPoint}");
    }

    public EndpointUrl Tcp { get; }

    public EndpointUrl Unix { get; }

    public EndpointUrl Shm { get; }

    public Uri Sidecar { get; }

    public EndpointUrl Of(Wire wire) => wire switch
    {
        Wire.Tcp => Tcp,
        Wire.Unix => Unix,
        _ => Shm,
    };

    /// <summary>Those that are driven.</summary>
    public IReadOnlyList<EndpointUrl> All => [Tcp, Unix, Shm];

    private static Socket BindAnyPort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static EndpointUrl Parse(string text)
        => EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error) ? url : throw new IOException(error);

    public void Dispose() => _folder.Delete(recursive: true);
}
