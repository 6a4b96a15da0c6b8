using System.Net;
using System.Net.Sockets;

namespace LowLatency.Linux;

/// <summary>The accepting side of a listening socket that <see cref="Socket"/> has bound.</summary>
/// <remarks>Binding is not on the fast path and stays with the framework; accepting is, and must not meet its socket engine.</remarks>
public sealed unsafe class ListenSocket : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    private readonly Socket _socket;
    private readonly EndPoint _addressFamily;

    /// <summary>Takes over a socket that listens already.</summary>
    public ListenSocket(Socket listening)
    {
        ArgumentNullException.ThrowIfNull(listening);
        _socket = listening;
        _socket.Blocking = false;
        LocalEndPoint = listening.LocalEndPoint ?? throw new ArgumentException("The socket is not bound.", nameof(listening));
        _addressFamily = LocalEndPoint;
    }

    /// <summary>Where it listens.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>The descriptor's number.</summary>
    public int Descriptor => (int)_socket.Handle;

    /// <summary>Accepts one waiting connection, without waiting for one.</summary>
    /// <param name="accepted">The connection, non-blocking and closed on exec.</param>
    /// <param name="remote">The peer's address; <c>null</c> for a Unix socket, whose clients have no name.</param>
    /// <returns><see cref="Errno.None"/>; <see cref="Errno.Again"/> when nobody waits; else why the accept failed.</returns>
    public Errno TryAccept(out StreamSocket? accepted, out EndPoint? remote)
    {
        accepted = null;
        remote = null;
        byte* address = stackalloc byte[128];
        while (true)
        {
            int length = 128;
            int descriptor = Libc.Accept(Descriptor, address, &length, NonBlocking | CloseOnExec);
            if (descriptor >= 0)
            {
                accepted = new StreamSocket(descriptor);
                remote = ReadAddress(new ReadOnlySpan<byte>(address, Math.Min(length, 128)));
                return Errno.None;
            }

            int errno = Libc.LastError;
            if (errno != (int)Errno.Interrupted)
            {
                return (Errno)errno;
            }
        }
    }

    private IPEndPoint? ReadAddress(ReadOnlySpan<byte> address)
    {
        if (_addressFamily is not IPEndPoint ip)
        {
            return null;
        }

        var copy = new SocketAddress(ip.AddressFamily, address.Length);
        address.CopyTo(copy.Buffer.Span);
        return (IPEndPoint)ip.Create(copy);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
