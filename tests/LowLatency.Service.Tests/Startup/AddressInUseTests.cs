using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Startup;

/// <summary>What another process has, the service does not get: one line that names the key, and an exit code.</summary>
public abstract class AddressInUseTests(SharedService shared)
{
    private const string NoTcp = "--LowLatency:Endpoints:Tcp:Url=";
    private const string NoUnix = "--LowLatency:Endpoints:Unix:Url=";
    private const string NoSidecar = "--LowLatency:Sidecar:Url=";

    private readonly ServiceProcess _first = shared.Process;

    [Fact]
    public Task A_second_service_on_the_port_says_so_in_one_line() => AssertRefused(
        $"LowLatency:Endpoints:Tcp:Url: cannot listen on '{_first.Url("Tcp")}': the address is in use by another process; stop it or choose another port",
        NoTcp + _first.Url("Tcp"), NoUnix, NoSidecar);

    [Fact]
    public Task A_second_service_on_the_Unix_path_says_so_in_one_line() => AssertRefused(
        $"LowLatency:Endpoints:Unix:Url: cannot listen on '{_first.Url("Unix")}': another process listens on '{_first.Address("Unix")}'; stop it or choose another path",
        NoTcp, NoUnix + _first.Url("Unix"), NoSidecar);

    [Fact]
    public Task A_second_sidecar_on_the_port_says_so_in_one_line() => AssertRefused(
        $"LowLatency:Sidecar:Url: cannot listen on '{_first.Url("Sidecar")}': the address is in use by another process; stop it or choose another port",
        NoTcp + "tcp://127.0.0.1:0", NoUnix, NoSidecar + _first.Url("Sidecar"));

    [Fact]
    public Task An_address_that_the_machine_does_not_have_is_said_in_one_line() => AssertRefused(
        "LowLatency:Endpoints:Tcp:Url: cannot listen on 'tcp://192.0.2.1:8080': this machine does not have the address",
        NoTcp + "tcp://192.0.2.1:8080", NoUnix, NoSidecar);

    private async Task AssertRefused(string line, params string[] settings)
    {
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync([.. settings, .. ServiceProgram.Transport(shared.Transport, "Tcp", "Unix")]);
        Assert.Equal([line], lines);
        Assert.Equal(1, exitCode);

        // The first one was probed, at most: it serves on.
        foreach (string endpoint in (string[])["Tcp", "Unix"])
        {
            using ServiceClient client = await _first.ConnectAsync(endpoint);
            Assert.Equal("respuesta", await client.AskAsync("hola"));
        }
    }
}

public sealed class BusyPollAddressInUseTests(BusyPollService shared) : AddressInUseTests(shared), IClassFixture<BusyPollService>;

public sealed class SocketsAddressInUseTests(SocketsService shared) : AddressInUseTests(shared), IClassFixture<SocketsService>;
