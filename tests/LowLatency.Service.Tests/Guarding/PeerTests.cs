using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Guarding;

/// <summary>Who may talk to an endpoint, and who is closed and counted.</summary>
public abstract class PeerTests(string transport)
{
    private const string Errors = "lowlatency_errors_total";
    private const string NotAllowed = "error_type=\"not_allowed\"";

    internal string Transport => transport;

    [Fact]
    public async Task An_address_outside_the_networks_is_closed_and_counted()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Endpoints:Tcp:AllowNetworks=192.0.2.0/24,2001:db8::/32", .. ServiceProgram.Transport(transport, "Tcp")]);
        Assert.Empty(await AskAsync(service.Address("Tcp")));
        await service.AssertMetricAsync(1, Errors, NotAllowed);
        Assert.Equal("respuesta", await AskAsync(service.Address("Unix")));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    public async Task An_address_inside_them_is_served_also_by_a_socket_for_both_families(string address)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            [$"--LowLatency:Endpoints:Tcp:Url=tcp://{address}:0", "--LowLatency:Endpoints:Tcp:AllowNetworks=127.0.0.0/8", .. ServiceProgram.Transport(transport, "Tcp")]);
        Assert.Equal("respuesta", await AskAsync(new IPEndPoint(IPAddress.Loopback, service.Port("Tcp"))));
    }

    [Fact]
    public async Task A_crowd_that_is_refused_costs_a_line_a_second_at_most()
    {
        const int Crowd = 300;
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Endpoints:Tcp:AllowNetworks=192.0.2.0/24", .. ServiceProgram.Transport(transport, "Tcp")]);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int client = 0; client < Crowd; client++)
        {
            Assert.Empty(await AskAsync(service.Address("Tcp")));
        }

        await service.AssertMetricAsync(Crowd, Errors, NotAllowed);
        int lines = service.Lines.Count(line => line.Contains(" WRN ", StringComparison.Ordinal));
        Assert.InRange(lines, 1, 1 + (int)clock.Elapsed.TotalSeconds);
    }

    /// <returns>The reply; nothing when the service closed the connection.</returns>
    internal static async Task<string> AskAsync(EndPoint address)
    {
        try
        {
            using ServiceClient client = await ServiceClient.ConnectAsync(address);
            return await client.AskAsync("hola");
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return "";
        }
    }
}

[SupportedOSPlatform("linux")]
public sealed class BusyPollPeerTests() : PeerTests("BusyPoll")
{
    [Theory]
    [InlineData("AllowUsers", 4242, 4242, "respuesta")]
    [InlineData("AllowUsers", 4242, 4243, "")]
    [InlineData("AllowGroups", 4243, 4243, "respuesta")]
    [InlineData("AllowGroups", 4242, 4243, "")]
    public async Task Another_user_is_served_by_a_unix_socket_when_it_is_listed(string key, int listed, int client, string reply)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can be somebody else.");
        External.Require("setpriv", "util-linux");
        External.Require("nc", "netcat-openbsd");
        using var folder = new TemporaryFolder();
        string path = folder.File("open.sock");
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            $"--LowLatency:Endpoints:Unix:Url=unix://{path}", $"--LowLatency:Endpoints:Unix:{key}={listed}");

        (_, string said) = await External.ShellAsync($"printf hola | setpriv --reuid {client} --regid {client} --clear-groups nc -N -U {path}");

        Assert.Equal(reply, said);
        await service.AssertMetricAsync(reply.Length == 0 ? 1 : 0, "lowlatency_errors_total", "error_type=\"not_allowed\"");
        Assert.Equal("respuesta", await AskAsync(service.Address("Unix")));
    }

    [Theory]
    [InlineData("tcp://0.0.0.0:0", 1)]
    [InlineData("tcp://127.0.0.1:0", 0)]
    public async Task An_endpoint_that_others_can_reach_in_clear_text_is_warned_of_once(string url, int warnings)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync($"--LowLatency:Endpoints:Tcp:Url={url}");
        Assert.Equal(warnings, service.Lines.Count(line => line.Contains("Not encrypted, and open to other machines: " + url, StringComparison.Ordinal)));
    }
}

public sealed class SocketsPeerTests() : PeerTests("Sockets");
