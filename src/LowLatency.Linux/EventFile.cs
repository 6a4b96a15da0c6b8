using Microsoft.Win32.SafeHandles;

namespace LowLatency.Linux;

/// <summary>An eventfd: a counter in the kernel by which any thread wakes one that sleeps in epoll.</summary>
public sealed unsafe class EventFile : SafeHandleMinusOneIsInvalid
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes one that is not signalled.</summary>
    /// <exception cref="LinuxException">The process or the system is out of descriptors or memory.</exception>
    public EventFile() : base(ownsHandle: true)
    {
        int descriptor = Libc.EventFileDescriptor(0, NonBlocking | CloseOnExec);
        if (descriptor < 0)
        {
            throw new LinuxException("eventfd", (Errno)Libc.LastError);
        }

        SetHandle(descriptor);
    }

    /// <summary>The descriptor's number.</summary>
    public int Descriptor => (int)handle;

    /// <summary>Makes the descriptor readable. Any thread; signals that nobody took yet add up to one.</summary>
    public void Signal()
    {
        // Its owner may be closing it, and the number then be another file's: the reference keeps it open for the write.
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            ulong one = 1;

            // The one way to fail is a counter at its end, and then the descriptor is readable anyway.
            _ = Libc.Write((int)handle, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody sleeps on it any more.
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Takes all signals.</summary>
    public void Clear()
    {
        ulong count;
        _ = Libc.Read((int)handle, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
