using LowLatency.LoadTest.ServerSide;

namespace LowLatency.LoadTest.Tests.ServerSide;

public class PrometheusTextTests
{
    [Fact]
    public void Names_labels_and_values_are_read_and_comments_are_not()
    {
        IReadOnlyList<MetricSample> samples = PrometheusText.Parse(
            """
            # HELP a Something, with "quotes" { and } braces.
            # TYPE a counter
            a 1
            a_total{otel_scope_name="x",network_transport="tcp"} 12 1700000000000
            b_bucket{le="+Inf",path="a\"b\\c\nd,e=}"} 1.5e-05
            c{} NaN
            """);

        Assert.Equal(["a", "a_total", "b_bucket", "c"], samples.Select(sample => sample.Name));
        Assert.Equal([1, 12, 1.5e-5, double.NaN], samples.Select(sample => sample.Value));
        Assert.Equal("tcp", samples[1].Labels["network_transport"]);
        Assert.Equal("a\"b\\c\nd,e=}", samples[2].Labels["path"]);
    }

    [Theory]
    [InlineData("<html>hello</html>")]
    [InlineData("a{b=\"c")]
    [InlineData("a{b=\"c\" 1")]
    [InlineData("a")]
    [InlineData("a one")]
    public void Something_else_is_refused(string text) => Assert.Throws<FormatException>(() => PrometheusText.Parse(text));

    [Fact]
    public void Requests_are_counted_over_all_transports_and_times_of_one_alone()
    {
        var counters = ServerCounters.Of(
            PrometheusText.Parse(
                """
                lowlatency_requests_total 30
                lowlatency_request_duration_seconds_count{network_transport="tcp"} 10
                lowlatency_request_duration_seconds_sum{network_transport="tcp"} 0.5
                lowlatency_request_duration_seconds_count{network_transport="unix"} 20
                """),
            "tcp");
        Assert.Equal(new ServerCounters(30, 10, 0.5), counters);
        Assert.Null(ServerCounters.Of(PrometheusText.Parse("other_total 1"), "tcp"));
    }
}
