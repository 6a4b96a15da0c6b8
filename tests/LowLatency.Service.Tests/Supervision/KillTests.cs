using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Supervision;

/// <summary>SIGKILL under load, and another service on the same port and paths: only what was in flight fails.</summary>
public sealed class KillTests
{
    [Fact]
    public async Task A_client_loses_the_request_in_flight_and_its_next_one_is_answered_by_the_next_service()
    {
        await using ServiceProcess killed = await ServiceProcess.StartAsync();
        string[] endpoints = ["Tcp", "Unix", "Shm"];
        string[] urls = [.. endpoints.Select(killed.Url)];
        LowLatencyClient[] clients = await Task.WhenAll(urls.Concat(urls).Select(ConnectAsync));
        Task<LowLatencyClientException>[] asking = [.. clients.Select(client => Task.Factory.StartNew(() => AskUntilItFails(client), TaskCreationOptions.LongRunning))];
        foreach (string transport in (string[])["tcp", "unix", "shm"])
        {
            await Deadline.UntilAsync(transport, () => killed.MetricAsync("lowlatency_request_duration_seconds_count", $"\"{transport}\""), count => count > 100);
        }

        await killed.SignalAsync("KILL");
        await killed.WaitForExitAsync();

        Assert.All(await Task.WhenAll(asking), failure => Assert.True(failure.Failure is ClientFailure.ClosedByPeer or ClientFailure.Reset, failure.Message));
        await using ServiceProcess next = await ServiceProcess.StartAsync([.. endpoints.Zip(urls, (endpoint, url) => $"--LowLatency:Endpoints:{endpoint}:Url={url}")]);
        foreach (LowLatencyClient client in clients)
        {
            Assert.Equal("respuesta".Length, client.Ask("hola"u8, new byte[100]));
            client.Dispose();
        }

        Assert.Equal(clients.Length, await next.SettledMetricAsync("lowlatency_requests_total"));
    }

    private static Task<LowLatencyClient> ConnectAsync(string url) => LowLatencyClient.ConnectAsync(
        url,
        new LowLatencyClientOptions { Reconnect = true, AskTimeout = Deadline.Default, ConnectTimeout = Deadline.Default, SpinFor = TimeSpan.FromMicroseconds(20) },
        TestContext.Current.CancellationToken).AsTask();

    // Every reply before the failure is right.
    private static LowLatencyClientException AskUntilItFails(LowLatencyClient client)
    {
        byte[] reply = new byte[100];
        try
        {
            while (true)
            {
                int length = client.Ask("hola"u8, reply);
                Assert.Equal("respuesta"u8, reply.AsSpan(0, length));
            }
        }
        catch (LowLatencyClientException failure)
        {
            return failure;
        }
    }
}
