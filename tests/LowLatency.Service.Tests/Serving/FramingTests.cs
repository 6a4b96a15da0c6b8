using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Serving;

/// <summary>Framed messages through real sockets.</summary>
public abstract class FramingTests(SharedService shared)
{
    private const string TooLarge = "error_type=\"message_too_large\"";

    private readonly ServiceProcess _service = shared.Process;

    [Theory]
    [InlineData("Line", "one\ntwo\r\n\n", "respuesta\n")]
    [InlineData("Prefix", "\0\0\0\u0003one\0\0\0\u0003two\0\0\0\0", "\0\0\0\u0009respuesta")]
    public async Task Messages_are_told_apart_wherever_the_stream_is_cut(string endpoint, string messages, string reply)
    {
        string replies = reply + reply + reply;
        double before = await _service.SettledMetricAsync("lowlatency_requests_total");
        using ServiceClient client = await _service.ConnectAsync(endpoint);
        Assert.Equal(replies, await client.AskAsync(messages, replies.Length));
        foreach (char next in messages)
        {
            await client.SendAsync(next.ToString());
        }

        Assert.Equal(replies, await client.ReceiveAsync(replies.Length));
        client.HalfClose();
        Assert.Empty(await client.ReceiveToTheEndAsync());
        await _service.AssertMetricAsync(before + 6, "lowlatency_requests_total");
    }

    [Fact]
    public async Task Ten_thousand_lines_in_one_send_get_as_many_replies()
    {
        double before = await _service.SettledMetricAsync("lowlatency_requests_total");
        using ServiceClient client = await _service.ConnectAsync("Line");
        Task sending = client.SendAsync(string.Concat(Enumerable.Repeat("hola\n", 10_000)));
        Assert.Equal(string.Concat(Enumerable.Repeat("respuesta\n", 10_000)), await client.ReceiveAsync(100_000));
        await sending;
        await _service.AssertMetricAsync(before + 10_000, "lowlatency_requests_total");
    }

    [Theory]
    [InlineData("Line", "one\nfar too long a line\n", "respuesta\n")]
    [InlineData("Prefix", "\0\0\0\u0003one\u00FF\u00FF\u00FF\u00FF", "\0\0\0\u0009respuesta")]
    public async Task A_message_over_the_limit_ends_the_connection_after_the_replies_before_it(string endpoint, string messages, string replies)
    {
        double before = await _service.SettledMetricAsync("lowlatency_errors_total");
        double refusedBefore = await _service.MetricAsync("lowlatency_errors_total", TooLarge);
        using ServiceClient client = await _service.ConnectAsync(endpoint);
        await client.SendAsync(messages);
        Assert.Equal(replies, await client.ReceiveToTheEndAsync());
        await _service.AssertMetricAsync(refusedBefore + 1, "lowlatency_errors_total", TooLarge);
        Assert.Equal(before + 1, await _service.MetricAsync("lowlatency_errors_total"));
    }
}

public sealed class BusyPollFramingTests(BusyPollService shared) : FramingTests(shared), IClassFixture<BusyPollService>;

public sealed class SocketsFramingTests(SocketsService shared) : FramingTests(shared), IClassFixture<SocketsService>;
