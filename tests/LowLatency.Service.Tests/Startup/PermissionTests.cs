using System.Runtime.Versioning;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Startup;

/// <summary>Where the service may not listen, it says so in one line, with the remedy, and ends.</summary>
[SupportedOSPlatform("linux")]
public abstract class PermissionTests(string transport) : IDisposable
{
    private const string NoTcp = "--LowLatency:Endpoints:Tcp:Url=";
    private const string NoUnix = "--LowLatency:Endpoints:Unix:Url=";
    private const string NoShm = "--LowLatency:Endpoints:Shm:Url=";
    private const string NoSidecar = "--LowLatency:Sidecar:Url=";
    private const UnixFileMode NobodyMayWrite = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_port_that_needs_a_privilege_is_refused_in_one_line()
    {
        string first = await File.ReadAllTextAsync("/proc/sys/net/ipv4/ip_unprivileged_port_start", TestContext.Current.CancellationToken);
        Assert.SkipWhen(first.Trim() == "0", "No port needs a privilege here.");
        await AssertRefused(
            "LowLatency:Endpoints:Tcp:Url: cannot listen on 'tcp://127.0.0.1:1': no permission to listen there; ports below 1024 need CAP_NET_BIND_SERVICE",
            NoTcp + "tcp://127.0.0.1:1", NoUnix, NoShm, NoSidecar);
    }

    [Fact]
    public async Task A_sidecars_port_that_needs_a_privilege_is_refused_in_one_line()
    {
        string first = await File.ReadAllTextAsync("/proc/sys/net/ipv4/ip_unprivileged_port_start", TestContext.Current.CancellationToken);
        Assert.SkipWhen(first.Trim() == "0", "No port needs a privilege here.");
        await AssertRefused(
            "LowLatency:Sidecar:Url: cannot listen on 'http://127.0.0.1:1': no permission to listen there; ports below 1024 need CAP_NET_BIND_SERVICE",
            NoTcp + "tcp://127.0.0.1:0", NoUnix, NoShm, NoSidecar + "http://127.0.0.1:1");
    }

    [Fact]
    public Task A_folder_that_is_not_writable_is_refused_in_one_line() => AssertFolderRefused("Unix", "unix", NoTcp, NoShm);

    [Fact]
    public Task A_control_socket_in_a_folder_that_is_not_writable_is_refused_in_one_line() => AssertFolderRefused("Shm", "shm", NoTcp, NoUnix);

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_refused_in_one_line()
    {
        string path = $"{ReadOnlyFolder()}/below/a.sock";
        await AssertRefused(
            $"LowLatency:Endpoints:Unix:Url: cannot listen on 'unix://{path}': Access to the path '{Path.GetDirectoryName(path)}' is denied.",
            NoTcp, NoUnix + "unix://" + path, NoShm, NoSidecar);
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task AssertFolderRefused(string endpoint, string scheme, params string[] others)
    {
        string path = $"{ReadOnlyFolder()}/a.sock";
        return AssertRefused(
            $"LowLatency:Endpoints:{endpoint}:Url: cannot listen on '{scheme}://{path}': no permission to make '{path}'; make its folder writable for the service's user or choose another path",
            [.. others, NoSidecar, $"--LowLatency:Endpoints:{endpoint}:Url={scheme}://{path}"]);
    }

    private string ReadOnlyFolder()
    {
        string folder = Directory.CreateDirectory(_folder.File("read-only")).FullName;
        File.SetUnixFileMode(folder, NobodyMayWrite);
        return folder;
    }

    private async Task AssertRefused(string line, params string[] settings)
    {
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync([.. settings, .. ServiceProgram.Transport(transport, "Tcp", "Unix")], wrapper: Unprivileged());
        Assert.Equal([line], lines);
        Assert.Equal(1, exitCode);
    }

    // What makes root an ordinary user here.
    internal static string[] Unprivileged() => Environment.IsPrivilegedProcess
        ? [External.Require("setpriv", "util-linux"), "--bounding-set=-net_bind_service,-dac_override,-dac_read_search", "--inh-caps=-net_bind_service,-dac_override,-dac_read_search"]
        : [];
}

[SupportedOSPlatform("linux")]
public sealed class BusyPollPermissionTests() : PermissionTests("BusyPoll");

[SupportedOSPlatform("linux")]
public sealed class SocketsPermissionTests() : PermissionTests("Sockets");
