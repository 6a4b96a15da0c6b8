using LowLatency.Core.Tests.Connections;
using Xunit;

namespace LowLatency.Core.Tests.Metrics;

/// <summary>The instruments count exactly.</summary>
public sealed class ResponderMetricsTests : IDisposable
{
    private readonly RecordedMetrics _metrics = new();

    [Fact]
    public void Every_request_is_counted_and_recorded_once_with_its_transport()
    {
        using var connection = new InMemoryConnection();
        using ResponderConnectionHandler handler = Handler(_metrics.Tcp);
        _ = handler.OnConnectedAsync(connection);
        connection.Send("one\n");
        connection.Send("two\nthree\nfour\n");
        connection.Send("unfinished");

        Assert.Equal(4, _metrics.Requests);
        Assert.Equal(4, _metrics.Durations);
        Assert.Equal("tcp", _metrics.LastTransport);
        Assert.True(_metrics.ShortestDuration > 0);
    }

    [Fact]
    public void The_gauge_follows_connections_as_they_come_and_go()
    {
        using ResponderConnectionHandler handler = Handler(_metrics.Tcp);
        using var first = new InMemoryConnection();
        using var second = new InMemoryConnection();
        _ = handler.OnConnectedAsync(first);
        _ = handler.OnConnectedAsync(second);
        Assert.Equal(2, _metrics.Connections);
        first.HalfClose();
        Assert.Equal(1, _metrics.Connections);
        second.Reset();
        Assert.Equal(0, _metrics.Connections);
    }

    [Fact]
    public void Requests_of_all_transports_add_up()
    {
        TransportMetrics unix = _metrics.All.ForTransport("unix");
        Assert.Same(unix, _metrics.All.ForTransport("unix"));
        using var overTcp = new InMemoryConnection();
        using var overUnix = new InMemoryConnection();
        using ResponderConnectionHandler tcpHandler = Handler(_metrics.Tcp);
        using ResponderConnectionHandler unixHandler = Handler(unix);
        _ = tcpHandler.OnConnectedAsync(overTcp);
        _ = unixHandler.OnConnectedAsync(overUnix);
        overTcp.Send("a\n");
        overUnix.Send("b\nc\n");

        Assert.Equal(3, _metrics.Requests);
        Assert.Equal(3, _metrics.All.Requests);
        Assert.Equal("unix", _metrics.LastTransport);
    }

    [Fact]
    public void Every_error_type_has_its_own_label()
    {
        foreach (ErrorType type in Enum.GetValues<ErrorType>())
        {
            _metrics.All.CountError(type);
            Assert.Equal(1, _metrics.All.ErrorsOf(type));
        }

        Assert.Equal(
            [
                "connection_limit", "handshake_timeout", "idle_timeout", "message_timeout", "message_too_large", "no_memory", "not_allowed",
                "protocol", "slow_reader", "tls_handshake", "transport",
            ],
            _metrics.Errors.Keys.Order());
        Assert.All(_metrics.Errors.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public void The_bounds_run_from_10_ns_to_1_s_in_steps_of_1_2_5()
    {
        _metrics.Tcp.RecordDurations(1, 0, 1);
        Assert.Equal(
            [
                1e-8, 2e-8, 5e-8, 1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4,
                1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1, 2e-1, 5e-1, 1,
            ],
            _metrics.DurationBounds);
    }

    [Fact]
    public void Without_metrics_requests_are_answered_all_the_same()
    {
        using var connection = new InMemoryConnection();
        using ResponderConnectionHandler handler = Handler(null);
        _ = handler.OnConnectedAsync(connection);
        connection.Send("a\n");
        connection.Reset();
        Assert.Equal(0, _metrics.Durations);
    }

    public void Dispose() => _metrics.Dispose();

    private static ResponderConnectionHandler Handler(TransportMetrics? metrics)
        => new(new BracketResponder(), new ResponderOptions { Framing = LowLatency.Framing.Line }, metrics);
}
