using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.SharedMemory;

/// <summary>A place where clients of this machine attach to rings in shared memory: the path of the control socket.</summary>
/// <remarks>
/// Least latency of all transports, and no kernel between two processes that are awake. The price: both must run on one
/// machine, each connection holds its memory, and the loop looks at every ring in every round. What is flushed together arrives
/// together, as a message; who writes on while a flush is pending gives that up, as over a stream.
/// </remarks>
public sealed class SharedMemoryEndPoint : EndPoint
{
    /// <summary>Names a place.</summary>
    /// <param name="path">Absolute path of the control socket, 107 bytes at most.</param>
    /// <param name="scheduling">Where the application runs. Default: <see cref="ApplicationScheduling.Inline"/>.</param>
    /// <exception cref="ArgumentException">The path is not absolute, or too long.</exception>
    public SharedMemoryEndPoint(string path, ApplicationScheduling scheduling = ApplicationScheduling.Inline)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!path.StartsWith('/') || System.Text.Encoding.UTF8.GetByteCount(path) > 107)
        {
            throw new ArgumentException("The path of a control socket is absolute and takes 107 bytes at most.", nameof(path));
        }

        Path = path;
        Scheduling = scheduling;
    }

    /// <summary>Unix: the control socket's.</summary>
    public override AddressFamily AddressFamily => AddressFamily.Unix;

    /// <summary>The control socket.</summary>
    public string Path { get; }

    /// <summary>Where the application runs.</summary>
    public ApplicationScheduling Scheduling { get; }

    /// <summary>
    /// Size of each ring, a power of two from 4 KiB (or a page, where pages are larger) to 64 MiB. On a server: what clients get that
    /// ask for nothing. On a client: what it asks for. Default: <c>null</c>, the transport's.
    /// </summary>
    public int? RingBytes { get; init; }

    /// <summary>Users that may attach besides the server's own. Default: none.</summary>
    /// <remarks>
    /// Without any, and without groups, the control socket's mode keeps others out before that; with some, the socket is open to
    /// whoever may enter its folder, and the handshake refuses those who are not listed. The folder's rights are the administrator's matter.
    /// </remarks>
    public IReadOnlyList<uint> AllowUsers { get; init; } = [];

    /// <summary>Groups whose members may attach. Default: none.</summary>
    public IReadOnlyList<uint> AllowGroups { get; init; } = [];

    /// <summary>A limit of its own. Default: <c>null</c>, the <see cref="ConnectionLimit"/> among the services, if there is one.</summary>
    public ConnectionLimit? Limit { get; init; }

    /// <summary>Called for every client that came to nothing in the handshake. On the poll loop: it must be short. Default: nothing.</summary>
    public Action<SharedMemoryRefusal>? Refused { get; init; }

    /// <summary>Called with the listener once it listens: whoever stops it ahead of the server needs it. Default: nothing.</summary>
    public Action<IConnectionListener>? Bound { get; init; }

    /// <summary>
    /// A socket that listens already, as a service manager hands it down; the transport owns it from then on. What still waits to be
    /// accepted when the server stops is left to the next holder. Default: <c>null</c>, the transport makes and binds one.
    /// </summary>
    public Socket? Inherited { get; init; }

    internal UnixDomainSocketEndPoint ControlSocket => new(Path);

    /// <inheritdoc/>
    public override string ToString() => Path;
}
