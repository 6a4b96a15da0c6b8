using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace LowLatency.Service.Tests.Running;

/// <summary>Plays the service manager: listens on sockets, and hands them down to one service after the other.</summary>
internal sealed class SocketHolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(string Name, string Url, Socket Socket, int Descriptor)> _held = [];

    /// <summary>Listens for the endpoints Tcp, Unix and Shm.</summary>
    internal SocketHolder()
    {
        Hold("Tcp", "tcp", new IPEndPoint(IPAddress.Loopback, 0));
        Hold("Unix", "unix", new UnixDomainSocketEndPoint(_folder.File("unix.sock")));
        Hold("Shm", "shm", new UnixDomainSocketEndPoint(_folder.File("shm.sock")));
    }

    internal string[] Urls => [.. _held.Select(each => each.Url)];

    internal string[] Names => [.. _held.Select(each => each.Name)];

    /// <summary>Settings that have the service listen where the sockets do.</summary>
    internal string[] Settings => [.. _held.Select(each => $"--LowLatency:Endpoints:{each.Name}:Url={each.Url}")];

    internal Task<ServiceProcess> StartAsync(params string[] settings) => StartUnderNamesAsync(Names, settings);

    internal Task<ServiceProcess> StartUnderNamesAsync(string[] names, params string[] settings)
        => ServiceProcess.StartUnderAsync(Wrapper(names), null, [.. Settings, .. settings]);

    /// <summary>What hands the sockets down under these names, and becomes what it is to start.</summary>
    internal string[] Wrapper(params string[] names)
    {
        string redirections = string.Join(' ', _held.Select((each, index) => $"{3 + index}<&{each.Descriptor}"));
        return
        [
            External.Require("bash", "bash"),
            "-c",
            $"exec {redirections}; export LISTEN_PID=$$ LISTEN_FDS={_held.Count} LISTEN_FDNAMES={string.Join(':', names)}; exec \"$@\"",
            "bash",
        ];
    }

    /// <summary>Ends the listening of a socket for all who hold it: who accepts on TCP is told that it is invalid, on Unix nothing.</summary>
    internal void EndListening(string name) => _held.First(each => each.Name == name).Socket.Shutdown(SocketShutdown.Receive);

    /// <summary>Whether a close of whoever is accepted is a reset.</summary>
    internal bool WillReset(string name) => _held.First(each => each.Name == name).Socket.LingerState!.Enabled;

    /// <summary>What a holder that ends abruptly leaves behind.</summary>
    internal void HaveReset(string name) => _held.First(each => each.Name == name).Socket.LingerState = new LingerOption(enable: true, 0);

    public void Dispose()
    {
        foreach ((_, _, Socket socket, int descriptor) in _held)
        {
            socket.Dispose();
            new SafeSocketHandle(descriptor, ownsHandle: true).Dispose();
        }

        _folder.Dispose();
    }

    private void Hold(string name, string scheme, EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        socket.Bind(address);
        socket.Listen(128);
        _held.Add((name, $"{scheme}://{socket.LocalEndPoint}", socket, Duplicate((int)socket.Handle)));
    }

    // The framework's own descriptor is closed when a child starts; this one is not.
    [DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);
}
