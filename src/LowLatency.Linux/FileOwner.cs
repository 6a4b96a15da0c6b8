using System.Buffers.Binary;

namespace LowLatency.Linux;

/// <summary>Whose a file is: what the framework's file types do not tell.</summary>
public static unsafe class FileOwner
{
    private const int WorkingDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const uint WantUser = 0x8;
    private const int StatusBytes = 256;
    private const int UserOffset = 20;

    /// <summary>The user that the process acts as.</summary>
    public static uint CurrentUser => Libc.EffectiveUser();

    /// <summary>The owner of a file or folder; a symbolic link is not followed.</summary>
    /// <returns>The user's number, or <c>null</c> with the reason in <paramref name="error"/>.</returns>
    public static uint? TryGet(string path, out Errno error)
    {
        byte* status = stackalloc byte[StatusBytes];
        if (Libc.Status(WorkingDirectory, path, DoNotFollow, WantUser, status) != 0)
        {
            error = (Errno)Libc.LastError;
            return null;
        }

        error = Errno.None;
        var bytes = new ReadOnlySpan<byte>(status + UserOffset, sizeof(uint));
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
