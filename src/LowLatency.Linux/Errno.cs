namespace LowLatency.Linux;

/// <summary>The kernel's error numbers that this project acts upon. x86-64 and arm64 share the values.</summary>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>EPERM: the operation needs a privilege that the process lacks.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: no such file.</summary>
    NoEntry = 2,

    /// <summary>ESRCH: no such process or thread.</summary>
    NoSuchProcess = 3,

    /// <summary>EINTR: a signal came first; the call is to be repeated.</summary>
    Interrupted = 4,

    /// <summary>EBADF: no such descriptor.</summary>
    BadDescriptor = 9,

    /// <summary>EAGAIN: a non-blocking call has nothing to do now.</summary>
    Again = 11,

    /// <summary>ENOMEM: the kernel, or a limit such as RLIMIT_MEMLOCK, has no memory left.</summary>
    NoMemory = 12,

    /// <summary>EACCES: permission denied.</summary>
    AccessDenied = 13,

    /// <summary>EFAULT: an address that nothing can be read from or written to, as behind the end of a mapped file.</summary>
    BadAddress = 14,

    /// <summary>EBUSY: in use in a way that forbids it.</summary>
    Busy = 16,

    /// <summary>EEXIST: already there.</summary>
    Exists = 17,

    /// <summary>EINVAL: an argument that the kernel refuses.</summary>
    Invalid = 22,

    /// <summary>ENFILE: the system is out of open files.</summary>
    TooManyOpenFilesInSystem = 23,

    /// <summary>EMFILE: the process is out of descriptors.</summary>
    TooManyOpenFiles = 24,

    /// <summary>EFBIG: longer than a file may be.</summary>
    FileTooLarge = 27,

    /// <summary>ENOSPC: the file system has no room left, which for a memory file is a limit on memory.</summary>
    NoSpace = 28,

    /// <summary>EPIPE: the other side no longer reads.</summary>
    BrokenPipe = 32,

    /// <summary>ERANGE: the answer does not fit.</summary>
    OutOfRange = 34,

    /// <summary>ENODATA: the kernel knows nothing of what was asked for.</summary>
    NoData = 61,

    /// <summary>EPROTO: a connection failed between its handshake and the accept.</summary>
    Protocol = 71,

    /// <summary>ENOTSOCK: not a socket.</summary>
    NotSocket = 88,

    /// <summary>EADDRINUSE: another socket has the address.</summary>
    AddressInUse = 98,

    /// <summary>ECONNABORTED: the peer gave up before it was accepted.</summary>
    ConnectionAborted = 103,

    /// <summary>ECONNRESET: the peer reset the connection.</summary>
    ConnectionReset = 104,

    /// <summary>ENOBUFS: the kernel has no buffer left.</summary>
    NoBuffers = 105,

    /// <summary>ETOOMANYREFS: the user has too many descriptors on their way through sockets.</summary>
    TooManyReferences = 109,

    /// <summary>ETIMEDOUT: the peer has vanished.</summary>
    TimedOut = 110,

    /// <summary>ECONNREFUSED: nobody listens there.</summary>
    ConnectionRefused = 111,

    /// <summary>EINPROGRESS: a non-blocking connect goes on in the background.</summary>
    InProgress = 115,

    /// <summary>EHWPOISON: the memory has failed.</summary>
    HardwarePoison = 133,
}
