using System.Buffers.Binary;
using System.Net;

namespace LowLatency.Linux;

/// <summary>Opens connections to one address, over and over, without waiting for them.</summary>
/// <remarks>
/// The address is put into the kernel's form once. What the framework's socket adds to a connect (its event engine, several
/// allocations) is what a connection per request would mostly measure.
/// </remarks>
public sealed unsafe class StreamConnector
{
    private const int Stream = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    private readonly byte[] _address;
    private readonly int _family;
    private readonly bool _isTcp;

    /// <summary>Prepares to connect to <paramref name="remote"/>: TCP over IPv4 or IPv6, or a Unix socket.</summary>
    public StreamConnector(EndPoint remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        SocketAddress address = remote.Serialize();
        _address = address.Buffer[..address.Size].ToArray();
        _isTcp = remote is IPEndPoint;

        // The framework numbers the families its own way; the serialized address holds the kernel's number.
        _family = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt16LittleEndian(_address)
            : BinaryPrimitives.ReadUInt16BigEndian(_address);
    }

    /// <summary>Starts to connect.</summary>
    /// <param name="socket">
    /// A socket that is connected or about to be: while it is not, a send fails with <see cref="Errno.Again"/>, and with the
    /// reason once the connect has failed.
    /// </param>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.Again"/> when a Unix socket's backlog is full, which nothing but another try
    /// gets over; else why there is no connection.
    /// </returns>
    public Errno TryConnect(out StreamSocket? socket)
    {
        Errno error = TryConnect(out int descriptor);
        socket = error == Errno.None ? new StreamSocket(descriptor) : null;
        return error;
    }

    /// <summary>The same for a descriptor, which whoever calls has to close.</summary>
    internal Errno TryConnect(out int descriptor)
    {
        descriptor = Libc.Socket(_family, Stream | NonBlocking | CloseOnExec, 0);
        if (descriptor < 0)
        {
            return (Errno)Libc.LastError;
        }

        if (_isTcp)
        {
            StreamSocket.SetNoDelay(descriptor, true);
        }

        fixed (byte* address = _address)
        {
            // An interrupted connect goes on in the background, like any other of a non-blocking socket.
            if (Libc.Connect(descriptor, address, _address.Length) != 0
                && (Errno)Libc.LastError is var error and not (Errno.InProgress or Errno.Interrupted))
            {
                _ = Libc.Close(descriptor);
                descriptor = -1;
                return error;
            }
        }

        return Errno.None;
    }
}
