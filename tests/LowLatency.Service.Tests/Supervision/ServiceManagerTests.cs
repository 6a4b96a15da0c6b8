using System.Net;
using System.Net.Sockets;
using System.Text;
using LowLatency.Service.Supervision;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Supervision;

/// <summary>What a service manager is told, with this test in its place.</summary>
public sealed class ServiceManagerTests
{
    [Fact]
    public async Task It_hears_that_the_service_is_ready_then_that_it_lives_then_that_it_stops()
    {
        using var folder = new TemporaryFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(folder.File("notify.sock")));
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder.File("notify.sock"), ["WATCHDOG_USEC"] = "1000000" });

        Assert.Equal("READY=1", await NextAsync(manager));
        for (int turn = 0; turn < 3; turn++)
        {
            Assert.Equal("WATCHDOG=1", await NextAsync(manager));
        }

        await service.SignalAsync("TERM");
        await Deadline.UntilAsync("stopping", () => NextAsync(manager), said => said == "STOPPING=1");
        Assert.Equal(0, await service.WaitForExitAsync());
    }

    [Fact]
    public async Task One_that_has_no_room_hears_that_the_service_is_ready_when_it_has()
    {
        using var folder = new TemporaryFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var address = new UnixDomainSocketEndPoint(folder.File("notify.sock"));
        manager.Bind(address);
        using var others = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        int said = 0;
        Assert.Throws<SocketException>(() =>
        {
            for (; said < 100_000; said++)
            {
                others.SendTo("another"u8, address);
            }
        });

        await using ServiceProcess service = await ServiceProcess.StartAsync(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder.File("notify.sock") });
        for (; said > 0; said--)
        {
            Assert.Equal("another", await NextAsync(manager));
        }

        Assert.Equal("READY=1", await NextAsync(manager));
    }

    [Fact]
    public async Task It_does_not_hear_that_a_service_is_ready_which_was_stopped_before()
    {
        External.Require("curl", "curl");
        using var folder = new TemporaryFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(folder.File("notify.sock")));
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        // While it warms up, it is not ready.
        string stopsInWarmUp = $"\"$@\" & until curl -s http://127.0.0.1:{port}/health/ready | grep -q 'not ready'; do sleep 0.01; done; kill -TERM $!; wait $!";
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
            ["--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:0", "--LowLatency:Endpoints:Unix:Url=", $"--LowLatency:Sidecar:Url=http://127.0.0.1:{port}"],
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder.File("notify.sock") },
            External.Require("bash", "bash"),
            "-c",
            stopsInWarmUp,
            "bash");

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain(lines, line => line.Contains("listens on", StringComparison.Ordinal) || line.Contains(" WRN ", StringComparison.Ordinal));
        Assert.Equal("STOPPING=1", await NextAsync(manager));
        Assert.Equal(0, manager.Available);
    }

    [Fact]
    public async Task One_that_does_not_listen_costs_a_warning_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder.File("nobody.sock") });
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        Assert.Contains(service.Lines, line => line.Contains("The service manager was not told READY=1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData('/')]
    [InlineData('@')]
    public async Task One_whose_address_is_too_long_costs_a_warning_and_nothing_else(char first)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = first + new string('x', 200), ["WATCHDOG_USEC"] = "1" });
        Assert.Contains(service.Lines, line => line.Contains(" WRN ", StringComparison.Ordinal) && line.Contains("NOTIFY_SOCKET: '" + first, StringComparison.Ordinal));
        Assert.Equal(0, await service.StopAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_hears_nothing_for_long_costs_one_line(bool isThere)
    {
        using var folder = new TemporaryFolder();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        if (isThere)
        {
            socket.Bind(new UnixDomainSocketEndPoint(folder.File("notify.sock")));
        }

        var log = new LogLines();
        using ServiceManager manager = ServiceManager.At(folder.File("notify.sock"), log)!;
        for (int turn = 0; turn < 10_000; turn++)
        {
            manager.Tell(ServiceManager.Alive);
        }

        Assert.StartsWith("The service manager was not told WATCHDOG=1", Assert.Single(log.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_units_are_right()
    {
        string analyze = External.Require("systemd-analyze", "systemd");
        string units = Path.Join(ServiceProgram.Root, "deploy/systemd");
        (_, string said) = await External.RunAsync(analyze, "verify", Path.Join(units, "lowlatency.socket"), Path.Join(units, "lowlatency.service"));

        // It looks for the program as well, which is not installed here.
        Assert.DoesNotContain(
            said.Split('\n'), line => line.Contains("lowlatency.", StringComparison.Ordinal) && !line.Contains("is not executable", StringComparison.Ordinal));
    }

    private static async Task<string> NextAsync(Socket manager)
    {
        byte[] buffer = new byte[100];
        using var deadline = new CancellationTokenSource(Deadline.Default);
        return Encoding.ASCII.GetString(buffer, 0, await manager.ReceiveAsync(buffer, deadline.Token));
    }
}
