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

    /// <summary>EEXIST: already there.</summary>
    Exists = 17,

    /// <summary>EINVAL: an argument that the kernel refuses.</summary>
    Invalid = 22,

    /// <summary>ENFILE: the system is out of open files.</summary>
    TooManyOpenFilesInSystem = 23,

    /// <summary>EMFILE: the process is out of descriptors.</summary>
    TooManyOpenFiles = 24,

    /// <summary>EPIPE: the other side no longer reads.</summary>
    BrokenPipe = 32,

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

    /// <summary>ETIMEDOUT: the peer has vanished.</summary>
    TimedOut = 110,

    /// <summary>ECONNREFUSED: nobody listens there.</summary>
    ConnectionRefused = 111,

    /// <summary>EINPROGRESS: a non-blocking connect goes on in the background.</summary>
    InProgress = 115,
}
