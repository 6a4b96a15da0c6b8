using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LowLatency.Linux;

/// <summary>A connected, non-blocking stream socket: TCP or Unix.</summary>
/// <remarks>
/// Calls go to the descriptor without the reference counting of a <see cref="SafeHandle"/> argument: the owner closes the
/// socket only when nobody uses it any more, and ends it for everybody by <see cref="Shutdown"/> before that.
/// </remarks>
public sealed unsafe class StreamSocket : SafeHandleMinusOneIsInvalid
{
    private const int SocketLevel = 1;
    private const int ErrorOption = 4;
    private const int TcpLevel = 6;
    private const int NoDelayOption = 1;

    internal StreamSocket(int descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Takes a descriptor over, for example one that was made by <see cref="System.Net.Sockets.Socket"/> or inherited.</summary>
    /// <param name="descriptor">A connected, non-blocking stream socket that nobody else closes.</param>
    public static StreamSocket Own(int descriptor) => new(descriptor);

    /// <summary>The descriptor's number.</summary>
    public int Descriptor => (int)handle;

    /// <summary>Receives what is there, without waiting. Any thread; in practice the poll loop.</summary>
    /// <remarks>Descriptors that a Unix socket's peer sends along are dropped by the kernel; see <see cref="DescriptorPassing"/>.</remarks>
    /// <param name="buffer">Pinned memory, or memory on the stack: the call pins it only for its duration.</param>
    public IoResult Receive(Span<byte> buffer) => StreamTransfer.Receive((int)handle, buffer);

    /// <summary>Finds out whether something has come, or the connection has failed, and takes nothing: what came before a failure is received first.</summary>
    /// <returns>What the next receive of a single byte would come to. A failure is told once: a later receive finds the end.</returns>
    public IoResult Peek() => StreamTransfer.Peek((int)handle);

    /// <summary>Sends what the kernel takes, without waiting and without a signal. Any thread, one at a time.</summary>
    public IoResult Send(ReadOnlySpan<byte> buffer) => StreamTransfer.Send((int)handle, buffer);

    /// <summary>Ends one or both directions for every user of the socket; a pending or later call then fails or reads the end.</summary>
    /// <returns><see cref="Errno.None"/>, or why not; a socket that is no longer connected is no fault.</returns>
    public Errno Shutdown(System.Net.Sockets.SocketShutdown how)
        => Libc.Shutdown((int)handle, (int)how) == 0 ? Errno.None : (Errno)Libc.LastError;

    /// <summary>Resets a TCP connection at once, for every user of the socket, and drops what was not sent; the descriptor stays. Any thread.</summary>
    /// <remarks>A shutdown would send a FIN first, and a peer that has taken that for the end does not look for a reset behind it.</remarks>
    /// <returns><see cref="Errno.None"/>, or why not: Unix sockets have no such thing.</returns>
    public Errno Reset()
    {
        // struct sockaddr with AF_UNSPEC, which dissolves the association.
        byte* nobody = stackalloc byte[16];
        new Span<byte>(nobody, 16).Clear();
        return Libc.Connect((int)handle, nobody, 16) == 0 ? Errno.None : (Errno)Libc.LastError;
    }

    /// <summary>Sends small segments at once (TCP_NODELAY). Only for TCP.</summary>
    public void SetNoDelay(bool value) => SetNoDelay((int)handle, value);

    internal static void SetNoDelay(int descriptor, bool value) => SetOption(descriptor, TcpLevel, NoDelayOption, value ? 1 : 0);

    /// <summary>Reads and clears the pending error, as after a non-blocking connect.</summary>
    public Errno TakeError()
    {
        int error;
        int length = sizeof(int);
        return Libc.GetSocketOption((int)handle, SocketLevel, ErrorOption, &error, &length) == 0
            ? (Errno)error
            : (Errno)Libc.LastError;
    }

    // A failure here means that the peer has reset the connection meanwhile: the next receive tells.
    private static void SetOption(int descriptor, int level, int name, int value)
        => _ = Libc.SetSocketOption(descriptor, level, name, &value, sizeof(int));

    /// <inheritdoc/>
    // No retry on EINTR: Linux has freed the descriptor by then.
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
