using System.Net;
using System.Net.Sockets;
using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Stopping;

/// <summary>From the signal to the exit: who was heard is answered, nobody is reset, and nobody holds the stop up for ever.</summary>
public sealed class DrainTests
{
    private const string Stuck = "--LowLatency:Endpoints:Tcp:Framing=Line";

    [Fact]
    public async Task Under_full_load_every_counted_reply_arrives_and_every_connection_ends_cleanly()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        var clients = new List<Task<int>>();
        foreach (string endpoint in (string[])["Tcp", "Tcp", "Tcp", "Unix", "Unix", "Unix", "Shm", "Shm"])
        {
            clients.Add(ClosedLoop.RunAsync(service.Url(endpoint), TestContext.Current.CancellationToken));
        }

        foreach (string transport in (string[])["tcp", "unix", "shm"])
        {
            await Deadline.UntilAsync(transport, () => service.MetricAsync("lowlatency_request_duration_seconds_count", $"\"{transport}\""), count => count > 100);
        }

        Assert.Equal(0, await service.StopAsync());
        int replies = (await Task.WhenAll(clients)).Sum();
        Assert.Contains(service.Lines, line => line.EndsWith($"Stopped after {replies} requests", StringComparison.Ordinal));
        AssertNothingToWarnOf(service);
    }

    [Theory]
    [InlineData("Tcp")]
    [InlineData("Unix")]
    public async Task What_has_arrived_when_the_signal_comes_is_answered_before_the_end(string endpoint)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        var clients = new List<ServiceClient>();
        for (int client = 0; client < 20; client++)
        {
            clients.Add(await service.ConnectAsync(endpoint));
            Assert.Equal("respuesta", await clients[^1].AskAsync("hola"));
        }

        // Half of them have never been read from.
        for (int client = 0; client < 20; client++)
        {
            clients.Add(await service.ConnectAsync(endpoint));
        }

        await Deadline.UntilAsync("connections", () => service.MetricAsync("lowlatency_connections_active"), open => open == clients.Count);
        await service.SignalAsync("STOP");
        foreach (ServiceClient client in clients)
        {
            await client.SendAsync("hola");
        }

        await service.SignalAsync("TERM");
        await service.SignalAsync("CONT");
        foreach (ServiceClient client in clients)
        {
            Assert.Equal("respuesta", await client.ReceiveToTheEndAsync());
            client.Dispose();
        }

        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(40_000)]
    public async Task What_has_arrived_over_shared_memory_is_answered_before_the_end_also_where_it_takes_several_records(int length)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using var connections = new LowLatencyConnectionFactory();
        var clients = new List<LowLatencyStream>();
        for (int client = 0; client < 10; client++)
        {
            clients.Add(await LowLatencyStream.ConnectAsync(service.Url("Shm"), connections, cancellationToken: TestContext.Current.CancellationToken));
        }

        await Deadline.UntilAsync("connections", () => service.MetricAsync("lowlatency_connections_active"), open => open == clients.Count);
        await service.SignalAsync("STOP");
        foreach (LowLatencyStream client in clients)
        {
            await client.WriteAsync(new byte[length], TestContext.Current.CancellationToken);
        }

        await service.SignalAsync("TERM");
        await service.SignalAsync("CONT");
        foreach (LowLatencyStream client in clients)
        {
            using var reader = new StreamReader(client);
            Assert.Equal("respuesta", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
    }

    [Fact]
    public async Task A_signal_in_the_middle_of_the_start_is_a_stop_like_any_other()
    {
        foreach (string delay in (string[])["0.05", "0.1", "0.15", "0.2", "0.25", "0.3", "0.4", "0.5"])
        {
            (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
                ["--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:0", "--LowLatency:Endpoints:Unix:Url=", "--LowLatency:Sidecar:Url=http://127.0.0.1:0"],
                new Dictionary<string, string> { ["DOTNET_ReadyToRun"] = "0", ["LowLatency__Tuning__WarmUp"] = "false" },
                External.Require("bash", "bash"),
                "-c",
                $"\"$@\" & sleep {delay}; kill -TERM $!; wait $!",
                "bash");
            Assert.True(exitCode is 0 or 143, $"{exitCode} after {delay} s: {string.Join('\n', lines)}");
            Assert.DoesNotContain(lines, line => line.Contains("Unhandled", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_peer_that_goes_on_sending_behind_the_end_meets_no_reset()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        await service.SignalAsync("TERM");
        Assert.Empty(await client.ReceiveToTheEndAsync());
        await client.SendAsync("too late");

        // Behind an end that was received a reset shows in no receive. It is there as soon as it was sent, over loopback.
        Assert.Equal(0, client.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error));
        await client.SendAsync("later still");
        client.Dispose();
        Assert.Equal(0, await service.WaitForExitAsync());
    }

    [Fact]
    public async Task While_it_drains_the_sidecar_says_so_and_nobody_new_gets_in_and_who_never_reads_meets_the_deadline()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(Stuck, "--LowLatency:Limits:ShutdownTimeout=00:00:10");
        using ServiceClient stuck = await service.ConnectAsync();
        Task flood = FloodAsync(stuck);
        await Deadline.UntilAsync("flood", () => service.MetricAsync("lowlatency_connections_active"), open => open == 1);

        await service.SignalAsync("TERM");
        await Deadline.UntilAsync("readiness", () => StatusOnNewConnectionAsync(service), status => status == HttpStatusCode.ServiceUnavailable);
        await Deadline.UntilAsync("refusal", () => IsRefusedAsync(service), refused => refused);
        Assert.Equal(0, await service.WaitForExitAsync());

        Assert.Contains(service.Lines, line => line.Contains("1 connection(s) did not end within 00:00:10: cut off", StringComparison.Ordinal));
        await Assert.ThrowsAsync<SocketException>(() => flood);
    }

    [Theory]
    [InlineData("Tcp")]
    [InlineData("Unix")]
    public async Task Who_connects_without_end_does_not_hold_a_stop_up(string endpoint)
    {
        const int Stormers = 8;
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        int connected = 0;
        Task[] storm = [.. Enumerable.Range(0, Stormers).Select(_ => Task.Run(async () =>
        {
            try
            {
                for (int connection = 0; connection < 100_000; connection++)
                {
                    using ServiceClient client = await service.ConnectAsync(endpoint);
                    Interlocked.Increment(ref connected);

                    // Reset, or the addresses of this machine would be used up.
                    client.Socket.LingerState = new LingerOption(enable: endpoint == "Tcp", 0);
                }
            }
            catch (SocketException)
            {
                // Refused: nobody listens any more.
            }
        }))];
        await Deadline.UntilAsync("storm", () => Task.FromResult(Volatile.Read(ref connected)), count => count > 1000);

        Assert.Equal(0, await service.StopAsync());

        await Task.WhenAll(storm);
        Assert.InRange(connected, 1001, (Stormers * 100_000) - 1);
        AssertNothingToWarnOf(service);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task A_second_signal_ends_it_at_once(string signal, int exitCode)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(Stuck, "--LowLatency:Limits:ShutdownTimeout=01:00:00");
        using ServiceClient stuck = await service.ConnectAsync();
        Task flood = FloodAsync(stuck);
        await service.SignalAsync("TERM");
        await Deadline.UntilAsync("stop", () => Task.FromResult(service.Lines), lines => lines.Any(line => line.Contains("Stopping:", StringComparison.Ordinal)));
        await service.SignalAsync(signal);
        Assert.Equal(exitCode, await service.WaitForExitAsync());
        await Assert.ThrowsAsync<SocketException>(() => flood);
    }

    [Fact]
    public async Task Who_does_not_end_the_handshake_of_shared_memory_is_not_waited_for()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Limits:ShutdownTimeout=01:00:00", "--LowLatency:Limits:HandshakeTimeout=01:00:00");
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await silent.ConnectAsync(new UnixDomainSocketEndPoint(service.Url("Shm")["shm://".Length..]), TestContext.Current.CancellationToken);
        Assert.Equal(0, await service.StopAsync());
        Assert.Equal(0, await silent.ReceiveAsync(new byte[64], TestContext.Current.CancellationToken));
        AssertNothingToWarnOf(service);
    }

    /// <summary>Asks for far more than can wait anywhere to be read, until the connection breaks.</summary>
    private static async Task FloodAsync(ServiceClient client)
    {
        byte[] emptyLines = new byte[64 * 1024];
        emptyLines.AsSpan().Fill((byte)'\n');
        while (true)
        {
            await client.Socket.SendAsync(emptyLines, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HttpStatusCode> StatusOnNewConnectionAsync(ServiceProcess service)
    {
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(new Uri(service.Sidecar, "/health/ready"), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<bool> IsRefusedAsync(ServiceProcess service)
    {
        try
        {
            using ServiceClient client = await service.ConnectAsync("Unix");
            return false;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable;
        }
    }

    private static void AssertNothingToWarnOf(ServiceProcess service)
        => Assert.DoesNotContain(service.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" WRN ", StringComparison.Ordinal));
}
