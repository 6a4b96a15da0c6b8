using System.Net.Sockets;
using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>What a path names, and whose it is.</summary>
public sealed class FileStatusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ll-").FullName;

    [Fact]
    public void A_new_file_is_ours_and_no_socket()
    {
        string path = Path.Join(_folder, "file");
        File.WriteAllText(path, "");
        Assert.Equal(Errno.None, FileStatus.TryGet(path, out FileStatus status));
        Assert.Equal(FileStatus.CurrentUser, status.Owner);
        Assert.False(status.IsSocket);
    }

    [Fact]
    public void A_socket_is_one_and_a_link_to_it_is_none()
    {
        string path = Path.Join(_folder, "socket");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        string link = File.CreateSymbolicLink(Path.Join(_folder, "link"), path).FullName;

        Assert.Equal(Errno.None, FileStatus.TryGet(path, out FileStatus status));
        Assert.True(status.IsSocket);
        Assert.Equal(Errno.None, FileStatus.TryGet(link, out FileStatus linkStatus));
        Assert.False(linkStatus.IsSocket);
    }

    [Fact]
    public void The_root_belongs_to_user_0()
    {
        Assert.Equal(Errno.None, FileStatus.TryGet("/", out FileStatus status));
        Assert.Equal(0u, status.Owner);
    }

    [Fact]
    public void What_is_not_there_is_an_error_number()
        => Assert.Equal(Errno.NoEntry, FileStatus.TryGet(Path.Join(_folder, "missing"), out _));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
