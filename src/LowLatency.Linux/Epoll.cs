using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LowLatency.Linux;

/// <summary>What a descriptor is watched for, and what became of it.</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing; errors and hang-ups are reported all the same.</summary>
    None = 0,

    /// <summary>There is something to receive, or to accept.</summary>
    In = 0x001,

    /// <summary>There is urgent data: a receive stops in front of it, and what lies behind it is reported by no other event.</summary>
    Priority = 0x002,

    /// <summary>There is room to send.</summary>
    Out = 0x004,

    /// <summary>The descriptor has an error pending.</summary>
    Error = 0x008,

    /// <summary>Both directions are closed; of a listening socket: nobody can connect any more.</summary>
    HangUp = 0x010,

    /// <summary>The peer has closed its sending side; of a listening socket: nobody can connect any more.</summary>
    ReadHangUp = 0x2000,

    /// <summary>Report changes instead of states.</summary>
    EdgeTriggered = 1u << 31,
}

/// <summary>An epoll instance: one descriptor that tells which of many are ready.</summary>
/// <remarks>Changing interest is allowed from any thread, also while another one waits; waiting belongs to one thread.</remarks>
public sealed unsafe class Epoll : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;

    /// <summary>Makes an epoll instance.</summary>
    /// <exception cref="LinuxException">The process or the system is out of descriptors or memory.</exception>
    public Epoll() : base(ownsHandle: true)
    {
        int descriptor = Libc.EpollCreate(CloseOnExec);
        if (descriptor < 0)
        {
            throw new LinuxException("epoll_create1", (Errno)Libc.LastError);
        }

        SetHandle(descriptor);
    }

    /// <summary>Starts to watch a descriptor.</summary>
    /// <param name="descriptor">What to watch.</param>
    /// <param name="events">What for.</param>
    /// <param name="tag">What <see cref="EpollBuffer.TagAt"/> gives back.</param>
    /// <returns><see cref="Errno.None"/>, or why the kernel refused.</returns>
    public Errno TryAdd(int descriptor, EpollEvents events, ulong tag) => Control(Add, descriptor, events, tag);

    /// <summary>Changes what a watched descriptor is watched for.</summary>
    /// <returns><see cref="Errno.None"/>, or why the kernel refused.</returns>
    public Errno TryModify(int descriptor, EpollEvents events, ulong tag) => Control(Modify, descriptor, events, tag);

    /// <summary>Stops watching a descriptor.</summary>
    /// <returns><see cref="Errno.None"/>, or why the kernel refused.</returns>
    public Errno TryRemove(int descriptor) => Control(Delete, descriptor, EpollEvents.None, 0);

    /// <summary>Collects what is ready now, without waiting.</summary>
    /// <returns>How many events stand in <paramref name="buffer"/>.</returns>
    public int Poll(EpollBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        int count = Libc.EpollPoll((int)handle, buffer.Start, buffer.Capacity, 0);
        return count >= 0 ? count : CountAfterError();
    }

    /// <summary>Sleeps until something is ready, or the time is over, or a signal came.</summary>
    /// <param name="buffer">Where the events go.</param>
    /// <param name="timeoutMilliseconds">How long; -1 is for ever.</param>
    /// <returns>How many events stand in <paramref name="buffer"/>.</returns>
    public int Wait(EpollBuffer buffer, int timeoutMilliseconds)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        int count = Libc.EpollWait((int)handle, buffer.Start, buffer.Capacity, timeoutMilliseconds);
        return count >= 0 ? count : CountAfterError();
    }

    private static int CountAfterError()
    {
        var error = (Errno)Libc.LastError;
        return error == Errno.Interrupted ? 0 : throw new LinuxException("epoll_wait", error);
    }

    // Its owner may be closing it, and the number then be another epoll's: the reference keeps it open for the call.
    private Errno Control(int operation, int descriptor, EpollEvents events, ulong tag)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            return ControlHeld(operation, descriptor, events, tag);
        }
        catch (ObjectDisposedException)
        {
            return Errno.BadDescriptor;
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    private Errno ControlHeld(int operation, int descriptor, EpollEvents events, ulong tag)
    {
        byte* interest = stackalloc byte[EpollBuffer.MaximumStride];
        *(uint*)interest = (uint)events;
        *(ulong*)(interest + EpollBuffer.TagOffset) = tag;
        return Libc.EpollControl((int)handle, operation, descriptor, interest) == 0 ? Errno.None : (Errno)Libc.LastError;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}

/// <summary>Room for the events of one <see cref="Epoll.Wait"/>, allocated once and never moved.</summary>
/// <remarks>
/// <c>struct epoll_event</c> is packed to 12 bytes on x86-64 only; every other architecture aligns its 64-bit part, which
/// makes it 16. The offsets are therefore read from the architecture of the process, not from a struct of ours.
/// </remarks>
public sealed unsafe class EpollBuffer
{
    internal const int MaximumStride = 16;

    internal static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    internal static readonly int TagOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly byte[] _events;

    /// <summary>Makes room for <paramref name="capacity"/> events.</summary>
    public EpollBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
        _events = GC.AllocateArray<byte>(capacity * MaximumStride, pinned: true);
        Start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_events));
    }

    /// <summary>How many events fit.</summary>
    public int Capacity { get; }

    internal byte* Start { get; }

    /// <summary>What became ready.</summary>
    public EpollEvents EventsAt(int index) => (EpollEvents)(*(uint*)At(index));

    /// <summary>The tag that was given when the descriptor was added.</summary>
    public ulong TagAt(int index) => *(ulong*)(At(index) + TagOffset);

    private byte* At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Capacity);
        return Start + ((nint)index * Stride);
    }
}
