using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Serving;

/// <summary>Framed messages through real sockets.</summary>
public abstract class FramingTests(string transport) : IAsyncLifetime
{
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceProcess.StartAsync(
        [
            "--LowLatency:Framing=Line",
            "--LowLatency:Limits:MaxMessageBytes=10",
            "--LowLatency:Endpoints:Unix:Framing=LengthPrefix",
            .. ServiceProgram.Transport(transport, "Tcp", "Unix"),
        ]);

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("Tcp", "one\ntwo\r\n\n", "respuesta\n")]
    [InlineData("Unix", "\0\0\0\u0003one\0\0\0\u0003two\0\0\0\0", "\0\0\0\u0009respuesta")]
    public async Task Messages_are_told_apart_wherever_the_stream_is_cut(string endpoint, string messages, string reply)
    {
        string replies = reply + reply + reply;
        using ServiceClient client = await _service.ConnectAsync(endpoint);
        Assert.Equal(replies, await client.AskAsync(messages, replies.Length));
        foreach (char next in messages)
        {
            await client.SendAsync(next.ToString());
        }

        Assert.Equal(replies, await client.ReceiveAsync(replies.Length));
        client.HalfClose();
        Assert.Empty(await client.ReceiveToTheEndAsync());
        await _service.AssertMetricAsync(6, "lowlatency_requests_total");
    }

    [Fact]
    public async Task Ten_thousand_lines_in_one_send_get_as_many_replies()
    {
        using ServiceClient client = await _service.ConnectAsync();
        Task sending = client.SendAsync(string.Concat(Enumerable.Repeat("hola\n", 10_000)));
        Assert.Equal(string.Concat(Enumerable.Repeat("respuesta\n", 10_000)), await client.ReceiveAsync(100_000));
        await sending;
        await _service.AssertMetricAsync(10_000, "lowlatency_requests_total");
    }

    [Theory]
    [InlineData("Tcp", "one\nfar too long a line\n", "respuesta\n")]
    [InlineData("Unix", "\0\0\0\u0003one\u00FF\u00FF\u00FF\u00FF", "\0\0\0\u0009respuesta")]
    public async Task A_message_over_the_limit_ends_the_connection_after_the_replies_before_it(string endpoint, string messages, string replies)
    {
        using ServiceClient client = await _service.ConnectAsync(endpoint);
        await client.SendAsync(messages);
        Assert.Equal(replies, await client.ReceiveToTheEndAsync());
        await _service.AssertMetricAsync(1, "lowlatency_errors_total", "error_type=\"message_too_large\"");
        Assert.Equal(1, await _service.MetricAsync("lowlatency_errors_total"));
    }
}

public sealed class BusyPollFramingTests() : FramingTests("BusyPoll");

public sealed class SocketsFramingTests() : FramingTests("Sockets");
