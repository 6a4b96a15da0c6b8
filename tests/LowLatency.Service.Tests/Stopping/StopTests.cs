using System.Net.Sockets;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Stopping;

/// <summary>SIGTERM: nothing new is accepted, what was read is answered, and the exit code is 0.</summary>
public abstract class StopTests(string transport)
{
    private const string Reply = "respuesta";

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_under_traffic_ends_the_service_with_every_counted_reply_delivered(string signal)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(ServiceProgram.Transport(transport, "Tcp", "Unix"));
        var clients = new List<Task<int>>();
        for (int client = 0; client < 4; client++)
        {
            clients.Add(AskUntilTheEndAsync(await service.ConnectAsync(client % 2 == 0 ? "Tcp" : "Unix")));
        }

        await Deadline.UntilAsync("requests", () => service.MetricAsync("lowlatency_requests_total"), requests => requests > 1000);
        await service.SignalAsync(signal);
        Assert.Equal(0, await service.WaitForExitAsync());
        int replies = (await Task.WhenAll(clients)).Sum();
        Assert.Contains(service.Lines, line => line.EndsWith($"Stopped after {replies} requests", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" WRN ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Idle_connections_are_ended_at_once_and_do_not_hold_the_stop_up()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Limits:ShutdownTimeout=01:00:00", .. ServiceProgram.Transport(transport, "Tcp")]);
        using ServiceClient idle = await service.ConnectAsync();
        Assert.Equal(Reply, await idle.AskAsync("hola"));
        Assert.Equal(0, await service.StopAsync());
        Assert.Empty(await idle.ReceiveToTheEndAsync());
    }

    [Fact]
    public async Task A_restart_binds_the_port_again_while_its_old_connections_linger()
    {
        await using ServiceProcess first = await ServiceProcess.StartAsync(ServiceProgram.Transport(transport, "Tcp"));
        string url = first.Url("Tcp");
        using ServiceClient client = await first.ConnectAsync();
        Assert.Equal(Reply, await client.AskAsync("hola"));

        // The service closes first, so that the port's TIME_WAIT is on its side.
        Assert.Equal(0, await first.StopAsync());
        Assert.Empty(await client.ReceiveToTheEndAsync());
        client.Dispose();

        await using ServiceProcess second = await ServiceProcess.StartAsync(
            [$"--LowLatency:Endpoints:Tcp:Url={url}", .. ServiceProgram.Transport(transport, "Tcp")]);
        using ServiceClient again = await second.ConnectAsync();
        Assert.Equal(Reply, await again.AskAsync("hola"));
    }

    private static async Task<int> AskUntilTheEndAsync(ServiceClient client)
    {
        using (client)
        {
            for (int replies = 0; ; replies++)
            {
                try
                {
                    string reply = await client.AskAsync("hola");
                    if (reply.Length == 0)
                    {
                        return replies;
                    }

                    Assert.Equal(Reply, reply);
                }
                catch (SocketException)
                {
                    // Sent when the service had ended the connection already.
                    return replies;
                }
            }
        }
    }
}

public sealed class BusyPollStopTests() : StopTests("BusyPoll");

public sealed class SocketsStopTests() : StopTests("Sockets");
