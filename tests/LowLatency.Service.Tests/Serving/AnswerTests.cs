using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Serving;

/// <summary>Whatever message arrives, over whatever socket, the reply comes back.</summary>
public abstract class AnswerTests(SharedService shared)
{
    private const string Reply = "respuesta";
    private const string Durations = "lowlatency_request_duration_seconds_count";
    private const string OverUnix = "network_transport=\"unix\"";
    private const string Resets = "error_type=\"transport\"";

    private readonly ServiceProcess _service = shared.Process;

    [Theory]
    [InlineData("Tcp")]
    [InlineData("Six")]
    [InlineData("Unix")]
    public async Task Any_message_is_answered(string endpoint)
    {
        double before = await _service.SettledMetricAsync("lowlatency_requests_total");
        using ServiceClient client = await _service.ConnectAsync(endpoint);
        foreach (string message in (string[])["hola", "\0", "\r\n", "GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0", new string('x', 1000)])
        {
            Assert.Equal(Reply, await client.AskAsync(message));
        }

        await _service.AssertMetricAsync(before + 6, "lowlatency_requests_total");
    }

    [Theory]
    [InlineData("Tcp")]
    [InlineData("Unix")]
    public async Task A_half_close_after_a_request_gets_the_reply_and_then_the_end(string endpoint)
    {
        using ServiceClient client = await _service.ConnectAsync(endpoint);
        await client.SendAsync("hola");
        client.HalfClose();
        Assert.Equal(Reply, await client.ReceiveToTheEndAsync());
    }

    [Fact]
    public async Task Netcat_gets_the_reply_over_TCP() => await AssertNetcatAsync($"127.0.0.1 {_service.Port("Tcp")}");

    [Fact]
    public async Task Netcat_gets_the_reply_over_a_Unix_socket() => await AssertNetcatAsync($"-U {_service.Address("Unix")}");

    [Fact]
    public async Task Counters_grow_by_exactly_what_was_sent()
    {
        double before = await _service.SettledMetricAsync("lowlatency_requests_total");
        double unixBefore = await _service.MetricAsync(Durations, OverUnix);
        double errorsBefore = await _service.MetricAsync("lowlatency_errors_total");
        using (ServiceClient tcp = await _service.ConnectAsync("Tcp"))
        using (ServiceClient unix = await _service.ConnectAsync("Unix"))
        {
            for (int request = 0; request < 100; request++)
            {
                await tcp.AskAsync("hola");
                await unix.AskAsync("hola");
            }

            await _service.AssertMetricAsync(2, "lowlatency_connections_active");
        }

        Assert.Equal(before + 200, await _service.SettledMetricAsync("lowlatency_requests_total"));
        Assert.Equal(unixBefore + 100, await _service.MetricAsync(Durations, OverUnix));
        Assert.Equal(errorsBefore, await _service.MetricAsync("lowlatency_errors_total"));
    }

    [Fact]
    public async Task A_reset_is_counted_and_disturbs_nobody()
    {
        double before = await _service.SettledMetricAsync("lowlatency_errors_total", Resets);
        using ServiceClient bystander = await _service.ConnectAsync();
        Assert.Equal(Reply, await bystander.AskAsync("hola"));
        using (ServiceClient client = await _service.ConnectAsync())
        {
            Assert.Equal(Reply, await client.AskAsync("hola"));
            client.Socket.LingerState = new(enable: true, seconds: 0);
        }

        await _service.AssertMetricAsync(before + 1, "lowlatency_errors_total", Resets);
        Assert.Equal(Reply, await bystander.AskAsync("hola"));
    }

    private static async Task AssertNetcatAsync(string target)
    {
        External.Require("nc", "netcat-openbsd");
        Assert.Equal((0, Reply), await External.ShellAsync($"printf hola | nc -q30 {target}"));
    }
}

public sealed class BusyPollAnswerTests(BusyPollService shared) : AnswerTests(shared), IClassFixture<BusyPollService>;

public sealed class SocketsAnswerTests(SocketsService shared) : AnswerTests(shared), IClassFixture<SocketsService>;
