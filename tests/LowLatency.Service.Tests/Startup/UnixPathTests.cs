using System.Runtime.Versioning;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Startup;

/// <summary>What stands at a Unix socket's path, and who could put something there.</summary>
[SupportedOSPlatform("linux")]
public abstract class UnixPathTests(string transport) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_stale_socket_of_a_killed_service_is_replaced()
    {
        string path = _folder.File("stale.sock");
        await using ServiceProcess killed = await ServiceProcess.StartAsync(UnixSettings(path));
        await killed.SignalAsync("KILL");
        await killed.WaitForExitAsync();
        Assert.True(File.Exists(path));

        await using ServiceProcess next = await ServiceProcess.StartAsync(UnixSettings(path));
        using ServiceClient client = await next.ConnectAsync("Unix");
        Assert.Equal("respuesta", await client.AskAsync("hola"));
    }

    [Fact]
    public async Task A_plain_file_is_never_deleted()
    {
        string path = _folder.File("precious.txt");
        await File.WriteAllTextAsync(path, "precious", TestContext.Current.CancellationToken);
        await AssertRefused(path, $"'{path}' exists and is not a socket; it is left alone: remove it or choose another path");
        Assert.Equal("precious", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_link_is_never_followed_or_deleted()
    {
        string path = _folder.File("link.sock");
        File.CreateSymbolicLink(path, _folder.File("nowhere"));
        await AssertRefused(path, $"'{path}' exists and is not a socket; it is left alone: remove it or choose another path");
        Assert.NotNull(new FileInfo(path).LinkTarget);
    }

    [Theory]
    [InlineData("")]
    [InlineData("below/of/it/")]
    public async Task A_folder_that_others_may_write_to_is_refused(string below)
    {
        string open = Directory.CreateDirectory(_folder.File("open")).FullName;
        Directory.CreateDirectory(Path.Join(open, below));
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherWrite);
        await AssertRefused(
            $"{open}/{below}a.sock",
            $"other users may write to the folder '{open}' and could swap the socket; take that right away (chmod go-w) or choose another folder");
    }

    [Fact]
    public async Task The_socket_and_a_folder_made_for_it_are_the_owners_alone()
    {
        string folder = _folder.File("made/deeper");
        await using ServiceProcess service = await ServiceProcess.StartAsync(UnixSettings($"{folder}/a.sock"));
        const UnixFileMode OwnersSocket = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(OwnersSocket, File.GetUnixFileMode($"{folder}/a.sock"));
        Assert.Equal(OwnersSocket | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Equal(OwnersSocket | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("made")));
    }

    [Fact]
    public async Task A_service_that_stops_leaves_no_socket_behind()
    {
        string path = _folder.File("gone.sock");
        await using ServiceProcess service = await ServiceProcess.StartAsync(UnixSettings(path));
        Assert.Equal(0, await service.StopAsync());
        Assert.False(File.Exists(path));
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private string[] UnixSettings(string path) => [$"--LowLatency:Endpoints:Unix:Url=unix://{path}", .. ServiceProgram.Transport(transport, "Unix")];

    private async Task AssertRefused(string path, string why)
    {
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
            [.. UnixSettings(path), "--LowLatency:Endpoints:Tcp:Url=", "--LowLatency:Sidecar:Url="]);
        Assert.Equal([$"LowLatency:Endpoints:Unix:Url: cannot listen on 'unix://{path}': {why}"], lines);
        Assert.Equal(1, exitCode);
    }
}

[SupportedOSPlatform("linux")]
public sealed class BusyPollUnixPathTests() : UnixPathTests("BusyPoll");

[SupportedOSPlatform("linux")]
public sealed class SocketsUnixPathTests() : UnixPathTests("Sockets");
