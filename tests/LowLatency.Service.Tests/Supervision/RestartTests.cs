using System.Globalization;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Supervision;

/// <summary>One service after the other on the same sockets: nobody is refused or reset, and who was heard is answered.</summary>
public sealed class RestartTests
{
    private const string LongForm = "LOWLATENCY_LONG";

    private static int Restarts => Environment.GetEnvironmentVariable(LongForm) == "1" ? 20 : 4;

    [Fact]
    public async Task Under_load_no_client_notices_more_than_a_clean_end()
    {
        using var holder = new SocketHolder();
        using var enough = new CancellationTokenSource();
        var services = new List<ServiceProcess> { await holder.StartAsync() };
        try
        {
            ServiceProcess service = services[0];
            Task<int>[] clients = [.. holder.Urls.Concat(holder.Urls).Select(url => ClosedLoop.RunOverRestartsAsync(url, enough.Token))];
            int answered = 0;
            for (int restart = 0; restart < Restarts; restart++)
            {
                await Deadline.UntilAsync("requests", () => service.MetricAsync("lowlatency_requests_total"), requests => requests > 100);
                answered += await StopAsync(service);
                Assert.All(clients, client => Assert.False(client.IsFaulted, client.Exception?.Message));
                service = await holder.StartAsync();
                services.Add(service);
            }

            // Connections that came while nobody ran are served by now.
            await Deadline.UntilAsync("requests", () => service.MetricAsync("lowlatency_requests_total"), requests => requests > 100);
            await enough.CancelAsync();
            int replies = (await Task.WhenAll(clients)).Sum();
            answered += await StopAsync(service);
            Assert.Equal(answered, replies);
        }
        finally
        {
            await enough.CancelAsync();
            foreach (ServiceProcess service in services)
            {
                await service.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData("BusyPoll")]
    [InlineData("Sockets")]
    public async Task A_service_leaves_the_socket_as_it_was_and_does_not_take_over_that_connections_end_by_a_reset(string transport)
    {
        using var holder = new SocketHolder();
        foreach (bool isSpoilt in (bool[])[false, true])
        {
            if (isSpoilt)
            {
                holder.HaveReset("Tcp");
            }

            await using ServiceProcess service = await holder.StartAsync(ServiceProgram.Transport(transport, "Tcp"));
            using (ServiceClient client = await service.ConnectAsync())
            {
                await client.SendAsync("hola");
                client.HalfClose();
                Assert.Equal("respuesta", await client.ReceiveToTheEndAsync());
            }

            Assert.Equal(0, await service.StopAsync());
            Assert.False(holder.WillReset("Tcp"));
        }
    }

    [Theory]
    [InlineData("Tcp", "unix", "SHM")]
    [InlineData("", "lowlatency.socket", "unknown")]
    public async Task Sockets_find_their_endpoint_by_name_or_by_address(params string[] names)
    {
        using var holder = new SocketHolder();
        await using ServiceProcess service = await holder.StartUnderNamesAsync(names);
        foreach (string url in holder.Urls)
        {
            using var enough = new CancellationTokenSource();
            Task<int> client = ClosedLoop.RunAsync(url, enough.Token);
            await Deadline.UntilAsync(url, () => service.MetricAsync("lowlatency_request_duration_seconds_count", $"\"{url.Split(':')[0]}\""), count => count > 0);
            await enough.CancelAsync();
            Assert.True(await client > 0);
        }
    }

    [Fact]
    public async Task A_socket_under_the_name_of_an_endpoint_with_another_address_is_one_clear_line()
    {
        using var holder = new SocketHolder();
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
            [.. holder.Settings, "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:1"], null, holder.Wrapper("Tcp", "Unix", "Shm"));
        Assert.Equal(2, exitCode);
        Assert.Equal(
            [$"LowLatency:Endpoints:Tcp:Url: 'tcp://127.0.0.1:1' is not where the inherited socket 'Tcp' listens: '{holder.Urls[0]["tcp://".Length..]}'; make them the same"],
            lines);
    }

    [Fact]
    public async Task A_socket_that_belongs_to_no_endpoint_is_one_clear_line()
    {
        using var holder = new SocketHolder();
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
            [.. holder.Settings, "--LowLatency:Endpoints:Unix:Url="], null, holder.Wrapper("Tcp", "Other", "Shm"));
        Assert.Equal(2, exitCode);
        Assert.Equal(
            [$"LISTEN_FDNAMES: 'Other' listens on '{holder.Urls[1]["unix://".Length..]}', which is no endpoint; allowed: Shm ({holder.Urls[2]}), Tcp ({holder.Urls[0]})"],
            lines);
    }

    [Fact]
    public async Task What_is_no_listening_socket_is_one_clear_line()
    {
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
            [], null, External.Require("bash", "bash"), "-c", "exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\"", "bash");
        Assert.Equal(2, exitCode);
        Assert.Equal(["LISTEN_FDS: descriptor 3 ('') is not a listening stream socket; pass ListenStream= sockets only"], lines);
    }

    /// <returns>How many requests it has answered.</returns>
    private static async Task<int> StopAsync(ServiceProcess service)
    {
        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain(service.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" WRN ", StringComparison.Ordinal));
        string said = service.Lines.Single(line => line.Contains("Stopped after ", StringComparison.Ordinal));
        return int.Parse(said.Split("Stopped after ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
