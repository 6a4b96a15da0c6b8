using System.Net;
using System.Net.Sockets;
using LowLatency.LoadTest.Baselines;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Demo;

/// <summary>Ports and paths that are free, for a service that meets no other one; the paths go away with it.</summary>
/// <remarks>
/// On Linux the ports are held until then: who binds to one by its number gets it all the same, as both sides allow it
/// (<c>SO_REUSEADDR</c>, which .NET sets) and only one listens, and nobody is given one who asks for any.
/// </remarks>
internal sealed class DemoEndpoints : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-");
    private readonly Socket _service = BindAnyPort();
    private readonly Socket _sidecar = BindAnyPort();

    public DemoEndpoints()
    {
        Tcp = Parse($"tcp://{_service.LocalEndPoint}");
        Unix = Parse($"unix://{Path.Combine(_folder.FullName, "unix.sock")}");
        Shm = Parse($"shm://{Path.Combine(_folder.FullName, "shm.sock")}");
        Sidecar = new Uri($"http://{_sidecar.LocalEndPoint}");
        if (!OperatingSystem.IsLinux())
        {
            ReleasePorts();
        }
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

    private void ReleasePorts()
    {
        _service.Dispose();
        _sidecar.Dispose();
    }

    public void Dispose()
    {
        ReleasePorts();
        _folder.Delete(recursive: true);
    }
}
