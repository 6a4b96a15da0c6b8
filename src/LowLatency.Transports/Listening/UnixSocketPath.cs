using System.Net.Sockets;
using LowLatency.Linux;

namespace LowLatency.Transports.Listening;

/// <summary>Makes a path fit for a listening Unix socket, without taking anything away from anybody.</summary>
internal static class UnixSocketPath
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const uint Root = 0;

    /// <summary>Makes a missing folder, refuses a place that is not ours, and removes what a crash left behind.</summary>
    /// <exception cref="IOException">The path cannot be used; the message says why, on one line.</exception>
    internal static void Prepare(string path)
    {
        if (path.StartsWith('@'))
        {
            throw new IOException($"'{path}' is an abstract name, which has no permissions: every user could connect; choose a path, if need be './{path}'");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!OperatingSystem.IsWindows())
        {
            Make(folder);
        }

        if (OperatingSystem.IsLinux())
        {
            RefuseFolderOfOthers(folder);
        }

        RemoveStale(path);
    }

    /// <summary>Lets only the own user connect. Called between bind and listen, so that nobody can connect before.</summary>
    internal static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>Lets every user connect who may enter the folder, for a listener that asks who they are.</summary>
    internal static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        }
    }

    // One by one: the framework makes the folders above the last by the umask, and a lax one makes a place that is refused.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Make(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        Make(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder, OwnerOnlyFolder);
    }

    // Who may write to any folder on the way may put another socket in the place of ours. The sticky bit forbids just that.
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    private static void RefuseFolderOfOthers(string folder)
    {
        for (string? ancestor = Path.GetFullPath(folder); ancestor is not null; ancestor = Path.GetDirectoryName(ancestor))
        {
            Errno error = FileStatus.TryGet(ancestor, out FileStatus status);
            if (error != Errno.None)
            {
                throw new IOException($"the folder '{ancestor}' cannot be examined ({error})");
            }

            if (status.Owner != Root && status.Owner != FileStatus.CurrentUser)
            {
                throw new IOException($"the folder '{ancestor}' belongs to another user, who could swap the socket; choose a folder of your own");
            }

            UnixFileMode mode = File.GetUnixFileMode(ancestor);
            if ((mode & OthersMayWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            {
                throw new IOException($"other users may write to the folder '{ancestor}' and could swap the socket; take that right away (chmod go-w) or choose another folder");
            }
        }
    }

    private static void RemoveStale(string path)
    {
        if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            return;
        }

        // Only what is known to be a socket is ever connected to or deleted.
        if (OperatingSystem.IsLinux() && (FileStatus.TryGet(path, out FileStatus status) != Errno.None || !status.IsSocket))
        {
            throw new IOException($"'{path}' exists and is not a socket; it is left alone: remove it or choose another path");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Nobody listens any more: its owner has crashed.
            File.Delete(path);
            return;
        }
        catch (SocketException other)
        {
            throw new IOException($"'{path}' is a socket that cannot be probed ({other.Message}); it is left alone: remove it or choose another path");
        }

        throw new IOException($"another process listens on '{path}'; stop it or choose another path");
    }
}
