using System.Runtime.InteropServices;

namespace LowLatency.Linux;

/// <summary>Descriptors that travel over Unix sockets beside the bytes (SCM_RIGHTS).</summary>
/// <remarks>
/// A descriptor belongs to the first byte it was sent with, and no receive goes on past the last byte of such a send. Calls go to
/// the socket's descriptor as those of <see cref="StreamSocket"/> do.
/// </remarks>
public static unsafe class DescriptorPassing
{
    /// <summary>The kernel's SCM_MAX_FD: no sender gets more into one message.</summary>
    internal const int MostDescriptors = 253;

    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;
    private const int ControlTruncated = 0x8;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int PassRightsOption = 83;

    // CMSG_SPACE: control messages are aligned to 8 bytes.
    private const int ControlAlignment = 8;
    private const int ControlHeaderBytes = 16;
    private const int MostControlBytes = (ControlHeaderBytes + (MostDescriptors * sizeof(int)) + ControlAlignment - 1) & -ControlAlignment;

    /// <summary>Has the kernel refuse descriptors that peers send along: their send fails. On a listening socket for all that it accepts from then on.</summary>
    /// <param name="descriptor">A Unix socket.</param>
    /// <returns><see cref="Errno.None"/>, or why not; kernels before 6.16 cannot.</returns>
    public static Errno TryRefuse(int descriptor)
    {
        int pass = 0;
        return Libc.SetSocketOption(descriptor, SocketLevel, PassRightsOption, &pass, sizeof(int)) == 0 ? Errno.None : (Errno)Libc.LastError;
    }

    /// <summary>Sends bytes and one descriptor along, without waiting and without a signal. Any thread, one at a time.</summary>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="buffer">One byte at least, for a descriptor does not travel alone.</param>
    /// <param name="descriptor">What the peer gets a descriptor of its own for; this one may be closed afterwards.</param>
    /// <returns>
    /// How many bytes went, and the descriptor with them: the rest is for <see cref="StreamSocket.Send"/>. When none went, nor did
    /// the descriptor; <see cref="Errno.TooManyReferences"/> when too many are under way.
    /// </returns>
    public static IoResult SendWithDescriptor(this StreamSocket socket, ReadOnlySpan<byte> buffer, SafeHandle descriptor)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(descriptor);
        bool held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            return SendWithDescriptors(socket, buffer, [(int)descriptor.DangerousGetHandle()]);
        }
        finally
        {
            if (held)
            {
                descriptor.DangerousRelease();
            }
        }
    }

    /// <summary>The same with any number of descriptors, as a peer might send that means no good.</summary>
    internal static IoResult SendWithDescriptors(this StreamSocket socket, ReadOnlySpan<byte> buffer, ReadOnlySpan<int> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostDescriptors);

        // Aligned like the header that it begins with.
        ulong* control = stackalloc ulong[MostControlBytes / ControlAlignment];
        var header = (Libc.ControlHeader*)control;
        header->Length = (nuint)(ControlHeaderBytes + (descriptors.Length * sizeof(int)));
        header->Level = SocketLevel;
        header->Type = Rights;
        descriptors.CopyTo(new Span<int>((byte*)control + ControlHeaderBytes, descriptors.Length));

        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = (byte*)control, ControlLength = Aligned(header->Length) };
            while (true)
            {
                nint count = Libc.SendMessage(socket.Descriptor, &message, NoSignal | DoNotWait);
                if (count >= 0)
                {
                    return IoResult.Done(count);
                }

                int errno = Libc.LastError;
                if (errno != (int)Errno.Interrupted)
                {
                    return IoResult.Failed(errno);
                }
            }
        }
    }

    /// <summary>Receives what is there, without waiting, and at most one descriptor along. Others that came with it are closed.</summary>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="buffer">Where the bytes go; not empty.</param>
    /// <param name="descriptors">What came along; the first one is the caller's.</param>
    public static IoResult ReceiveWithDescriptor(this StreamSocket socket, Span<byte> buffer, out ReceivedDescriptors descriptors)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ulong* control = stackalloc ulong[MostControlBytes / ControlAlignment];
        var message = new Libc.MessageHeader { Control = (byte*)control, ControlLength = MostControlBytes };
        IoResult result = Receive(socket, buffer, &message);
        descriptors = result.Succeeded ? TakeFirst(&message) : ReceivedDescriptors.None;
        return result;
    }

    /// <summary>Receives what is there, without waiting, from a peer that has no descriptor to send. If it does, it is dropped.</summary>
    /// <remarks>
    /// The kernel drops it, before the process gets to have it: so it does for <see cref="StreamSocket.Receive"/>, which does not
    /// tell and takes less time.
    /// </remarks>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="buffer">Where the bytes go; not empty.</param>
    /// <param name="droppedDescriptors">Descriptors came along.</param>
    public static IoResult ReceiveWithoutDescriptors(this StreamSocket socket, Span<byte> buffer, out bool droppedDescriptors)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Libc.MessageHeader message = default;
        IoResult result = Receive(socket, buffer, &message);
        droppedDescriptors = result.Succeeded && (message.Flags & ControlTruncated) != 0;
        return result;
    }

    private static IoResult Receive(StreamSocket socket, Span<byte> buffer, Libc.MessageHeader* message)
    {
        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            message->Vectors = &vector;
            message->VectorCount = 1;
            while (true)
            {
                nint count = Libc.ReceiveMessage(socket.Descriptor, message, CloseOnExec | DoNotWait);
                if (count >= 0)
                {
                    return IoResult.Done(count);
                }

                int errno = Libc.LastError;
                if (errno != (int)Errno.Interrupted)
                {
                    return IoResult.Failed(errno);
                }
            }
        }
    }

    private static ReceivedDescriptors TakeFirst(Libc.MessageHeader* message)
    {
        int first = -1;
        int count = 0;
        byte* end = message->Control + message->ControlLength;
        byte* at = message->Control;
        while (end - at >= ControlHeaderBytes)
        {
            var header = (Libc.ControlHeader*)at;
            if (header->Level == SocketLevel && header->Type == Rights)
            {
                var descriptors = new ReadOnlySpan<int>(at + ControlHeaderBytes, (int)(header->Length - ControlHeaderBytes) / sizeof(int));
                foreach (int descriptor in descriptors)
                {
                    if (count++ == 0)
                    {
                        first = descriptor;
                    }
                    else
                    {
                        _ = Libc.Close(descriptor);
                    }
                }
            }

            at += Aligned(header->Length);
        }

        return new ReceivedDescriptors(first, count, (message->Flags & ControlTruncated) != 0);
    }

    private static nuint Aligned(nuint length) => (length + ControlAlignment - 1) & ~(nuint)(ControlAlignment - 1);
}
