using System.Net;
using System.Net.Sockets;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Serving;

/// <summary>One connection too many is closed and counted, and a slot that is free again serves again.</summary>
public abstract class ConnectionLimitTests(string transport)
{
    private const string Refusals = "error_type=\"connection_limit\"";

    [Theory]
    [InlineData("--LowLatency:Limits:MaxConnections=2")]
    [InlineData("--LowLatency:Limits:MaxConnectionsPerAddress=2")]
    public async Task The_connection_over_the_limit_is_closed_and_a_freed_slot_works_again(string limit)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync([limit, .. ServiceProgram.Transport(transport, "Tcp", "Unix")]);
        using ServiceClient first = await service.ConnectAsync();
        Assert.Equal("respuesta", await first.AskAsync("hola"));
        using (ServiceClient second = await service.ConnectAsync())
        {
            Assert.Equal("respuesta", await second.AskAsync("hola"));
            Assert.Null(await TryAskAsync(service));
            await service.AssertMetricAsync(1, "lowlatency_errors_total", Refusals);
        }

        Assert.Equal("respuesta", await Deadline.UntilAsync("freed slot", () => TryAskAsync(service), reply => reply is not null));
        Assert.Equal("respuesta", await first.AskAsync("hola"));
    }

    [Fact]
    public async Task One_address_that_has_all_it_may_have_leaves_slots_to_the_others()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(["--LowLatency:Limits:MaxConnectionsPerAddress=1", .. ServiceProgram.Transport(transport, "Tcp", "Unix")]);
        using ServiceClient first = await service.ConnectAsync();
        Assert.Equal("respuesta", await first.AskAsync("hola"));
        Assert.Null(await TryAskAsync(service));

        using ServiceClient other = await ServiceClient.ConnectAsync(service.Address("Tcp"), IPAddress.Parse("127.0.0.2"));
        Assert.Equal("respuesta", await other.AskAsync("hola"));
        await service.AssertMetricAsync(1, "lowlatency_errors_total", Refusals);
    }

    [Fact]
    public async Task Who_is_refused_is_named_at_Debug()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Limits:MaxConnections=1", "--Serilog:MinimumLevel:Default=Debug", .. ServiceProgram.Transport(transport, "Tcp", "Unix")]);
        using ServiceClient first = await service.ConnectAsync();
        Assert.Equal("respuesta", await first.AskAsync("hola"));
        using ServiceClient second = await service.ConnectAsync();

        string refused = $"a connection from {second.Socket.LocalEndPoint} was refused: the connection limit";
        await Deadline.UntilAsync(
            refused, () => Task.FromResult(service.Lines.Any(line => line.Contains(" DBG ", StringComparison.Ordinal) && line.Contains(refused, StringComparison.Ordinal))), said => said);
    }

    [Fact]
    public async Task The_limit_holds_for_all_endpoints_together()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Limits:MaxConnections=1", .. ServiceProgram.Transport(transport, "Tcp", "Unix")]);
        using ServiceClient first = await service.ConnectAsync("Unix");
        Assert.Equal("respuesta", await first.AskAsync("hola"));
        Assert.Null(await TryAskAsync(service));
    }

    [Fact]
    public async Task A_peer_that_has_ended_and_does_not_read_its_replies_keeps_its_slot()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Limits:MaxConnections=1", "--LowLatency:Framing=Line", "--LowLatency:Limits:ReplyTimeout=00:01:00", .. ServiceProgram.Transport(transport, "Tcp", "Unix")]);
        using (ServiceClient first = await service.ConnectAsync())
        {
            // All of them are read, also by who reads ahead, and there are more replies than the kernel holds for one who does not read.
            first.Socket.ReceiveBufferSize = 4096;
            await first.SendAsync(new string('\n', 900_000));
            first.HalfClose();
            for (int client = 0; client < 100; client++)
            {
                Assert.Null(await TryAskAsync(service));
            }
        }

        Assert.NotNull(await Deadline.UntilAsync("freed slot", () => TryAskAsync(service), reply => reply is not null));
    }

    private static async Task<string?> TryAskAsync(ServiceProcess service)
    {
        try
        {
            using ServiceClient client = await service.ConnectAsync();
            string reply = await client.AskAsync("hola\n");
            return reply.Length > 0 ? reply : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

public sealed class BusyPollConnectionLimitTests() : ConnectionLimitTests("BusyPoll");

public sealed class SocketsConnectionLimitTests() : ConnectionLimitTests("Sockets");
