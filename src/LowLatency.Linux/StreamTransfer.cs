using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LowLatency.Linux;

/// <summary>The two calls on a connected, non-blocking stream socket that the hot path makes. Whoever owns the descriptor answers for it.</summary>
internal static unsafe class StreamTransfer
{
    private const int NoSignal = 0x4000;
    private const int PeekFlag = 0x2;
    private const int DoNotWait = 0x40;

    // On the loopback device a send runs the receiver's half of the stack as well, a few microseconds for one segment. Up to
    // that a garbage collection may wait for it; what is longer makes way.
    private const int ShortSend = 4096;

    /// <summary>What the next receive of a single byte would come to; takes nothing.</summary>
    public static IoResult Peek(int descriptor)
    {
        byte first;
        nint count = Libc.SystemCallThatCannotBlock(SystemCallNumbers.ReceiveFrom, descriptor, &first, 1, PeekFlag | DoNotWait, 0, 0);
        if (count >= 0)
        {
            return IoResult.Done(count);
        }

        int errno = Marshal.GetLastSystemError();
        return IoResult.Failed(errno == (int)Errno.Interrupted ? (int)Errno.Again : errno);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IoResult Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint count = Libc.SystemCallThatCannotBlock(SystemCallNumbers.ReceiveFrom, descriptor, start, (nuint)buffer.Length, DoNotWait, 0, 0);
                if (count >= 0)
                {
                    return IoResult.Done(count);
                }

                // Nothing of the runtime's runs between the call and this, for want of a transition.
                int errno = Marshal.GetLastSystemError();
                if (errno != (int)Errno.Interrupted)
                {
                    return IoResult.Failed(errno);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IoResult Send(int descriptor, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint count;
                int errno;
                if (buffer.Length <= ShortSend)
                {
                    count = Libc.SystemCallThatCannotBlock(SystemCallNumbers.SendTo, descriptor, start, (nuint)buffer.Length, NoSignal | DoNotWait, 0, 0);
                    errno = count < 0 ? Marshal.GetLastSystemError() : 0;
                }
                else
                {
                    count = Libc.SystemCall(SystemCallNumbers.SendTo, descriptor, start, (nuint)buffer.Length, NoSignal | DoNotWait, 0, 0);
                    errno = count < 0 ? Libc.LastError : 0;
                }

                if (count >= 0)
                {
                    return IoResult.Done(count);
                }

                if (errno != (int)Errno.Interrupted)
                {
                    return IoResult.Failed(errno);
                }
            }
        }
    }
}
