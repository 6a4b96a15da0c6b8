namespace LowLatency.Linux;

/// <summary>What a path names and whose it is: what the framework's file types do not tell. A link is not followed.</summary>
public readonly unsafe struct FileStatus
{
    private const int WorkingDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const uint WantTypeAndUser = 0x1 | 0x8;
    private const int TypeMask = 0xF000;
    private const int SocketType = 0xC000;
    private const int RegularType = 0x8000;

    // struct statx has one layout on every architecture, unlike struct stat.
    private const int StatusBytes = 256;
    private const int UserOffset = 20;
    private const int ModeOffset = 28;

    private FileStatus(uint owner, int type) => (Owner, IsSocket, IsRegularFile) = (owner, type == SocketType, type == RegularType);

    /// <summary>The user that the process acts as.</summary>
    public static uint CurrentUser => Libc.EffectiveUser();

    /// <summary>The owner's user number.</summary>
    public uint Owner { get; }

    /// <summary>It is a Unix socket.</summary>
    public bool IsSocket { get; }

    /// <summary>It is a file with contents: no directory, device, pipe or link.</summary>
    public bool IsRegularFile { get; }

    /// <summary>Examines a path.</summary>
    /// <returns><see cref="Errno.None"/>, or why the kernel told nothing.</returns>
    public static Errno TryGet(string path, out FileStatus status)
    {
        byte* raw = stackalloc byte[StatusBytes];
        if (Libc.Status(WorkingDirectory, path, DoNotFollow, WantTypeAndUser, raw) != 0)
        {
            status = default;
            return (Errno)Libc.LastError;
        }

        status = new FileStatus(*(uint*)(raw + UserOffset), *(ushort*)(raw + ModeOffset) & TypeMask);
        return Errno.None;
    }
}
