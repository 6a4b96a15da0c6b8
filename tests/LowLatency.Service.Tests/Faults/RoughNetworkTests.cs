using System.Net.Sockets;
using System.Text;
using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Faults;

/// <summary>Framed messages through a proxy that slices, delays, half-closes and resets: the replies are right, or the error is counted.</summary>
public abstract class RoughNetworkTests(string transport)
{
    private const int Requests = 200;

    // Longer than what one receive or one send takes.
    private static readonly string Response = string.Concat(Enumerable.Range(0, 4000).Select(number => $"{number:D5} "));

    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Sliced_and_delayed_messages_are_answered_once_each(int seed)
    {
        await using ServiceProcess service = await StartAsync();
        await using var proxy = new RoughProxy(service.Address("Tcp"), seed);
        LowLatencyClientOptions options = new() { Framing = MessageFraming.LengthPrefix, AskTimeout = Deadline.Default };
        await using LowLatencyClient client = await LowLatencyClient.ConnectAsync($"tcp://{proxy.Address}", options, TestContext.Current.CancellationToken);
        RequestBatch batch = client.CreateBatch();
        for (int request = 0; request < Requests; request++)
        {
            batch.Add(new byte[request * 10]);
        }

        await client.AskManyAsync(batch, TestContext.Current.CancellationToken);

        for (int request = 0; request < Requests; request++)
        {
            Assert.Equal(Response, Encoding.Latin1.GetString(batch.Reply(request)));
        }

        await service.AssertMetricAsync(Requests, "lowlatency_requests_total");
        Assert.Equal(0, await service.MetricAsync("lowlatency_errors_total"));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task An_end_behind_the_last_request_is_passed_on_after_the_last_reply(int seed)
    {
        await using ServiceProcess service = await StartAsync();
        await using var proxy = new RoughProxy(service.Address("Tcp"), seed);
        using ServiceClient client = await ServiceClient.ConnectAsync(proxy.Address);
        Task sending = SendAndEndAsync(client);

        Assert.Equal(string.Concat(Enumerable.Repeat(FramedResponse, Requests)), await client.ReceiveToTheEndAsync());

        await sending;
        Assert.Equal(Requests, await service.SettledMetricAsync("lowlatency_requests_total"));
        Assert.Equal(0, await service.MetricAsync("lowlatency_errors_total"));
    }

    [Theory]
    [InlineData("Requests", 1)]
    [InlineData("Requests", 1234)]
    [InlineData("Replies", 1)]
    [InlineData("Replies", 100_000)]
    public async Task A_reset_in_the_middle_is_counted_and_what_was_received_before_it_is_right(string direction, int bytes)
    {
        await using ServiceProcess service = await StartAsync();
        await using var proxy = new RoughProxy(service.Address("Tcp"), seed: bytes) { ResetAfter = (Enum.Parse<RoughProxy.Direction>(direction), bytes) };
        using ServiceClient beside = await service.ConnectAsync();
        using ServiceClient client = await ServiceClient.ConnectAsync(proxy.Address);
        Task sending = SendAsync(client);

        (string received, bool receiveFailed) = await ReceiveToTheEndOrResetAsync(client);

        // A reset is told once: to whichever of the two comes first.
        bool sendFailed = await HasFailedAsync(sending);
        Assert.True(receiveFailed || sendFailed);
        Assert.Equal(1, proxy.Resets);
        Assert.StartsWith(received, string.Concat(Enumerable.Repeat(FramedResponse, Requests)), StringComparison.Ordinal);
        await service.AssertMetricAsync(1, "lowlatency_errors_total", "error_type=\"transport\"");
        Assert.Equal(1, await service.MetricAsync("lowlatency_errors_total"));
        Assert.Equal(FramedResponse, await beside.AskAsync("\0\0\0\u0004hola", FramedResponse.Length));
        await Deadline.UntilAsync("connections", () => service.MetricAsync("lowlatency_connections_active"), open => open == 1);
    }

    private static string FramedResponse { get; } = Encoding.Latin1.GetString([0, 0, (byte)(Response.Length >> 8), (byte)Response.Length]) + Response;

    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
        ["--LowLatency:Framing=LengthPrefix", $"--LowLatency:Response={Response}", .. ServiceProgram.Transport(transport, "Tcp")]);

    private static async Task SendAsync(ServiceClient client)
    {
        for (int request = 0; request < Requests; request++)
        {
            await client.SendAsync("\0\0\0\u0004hola");
        }
    }

    private static Task<bool> HasFailedAsync(Task sending) => sending.ContinueWith(static ended => ended.Exception?.InnerException is SocketException, TaskScheduler.Default);

    private static async Task SendAndEndAsync(ServiceClient client)
    {
        await SendAsync(client);
        client.HalfClose();
    }

    private static async Task<(string Received, bool Failed)> ReceiveToTheEndOrResetAsync(ServiceClient client)
    {
        var received = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        using var deadline = new CancellationTokenSource(Deadline.Default);
        try
        {
            while (await client.Socket.ReceiveAsync(buffer, deadline.Token) is int count and > 0)
            {
                received.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }

            return (received.ToString(), false);
        }
        catch (SocketException)
        {
            return (received.ToString(), true);
        }
    }
}

public sealed class BusyPollRoughNetworkTests() : RoughNetworkTests("BusyPoll");

public sealed class SocketsRoughNetworkTests() : RoughNetworkTests("Sockets");
