using System.Globalization;
using System.Text.RegularExpressions;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Observing;

/// <summary>What a scrape holds.</summary>
public sealed partial class MetricsTests : IAsyncLifetime
{
    private ServiceProcess _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceProcess.StartAsync();
        using ServiceClient client = await _service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        await _service.AssertMetricAsync(1, "lowlatency_requests_total");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_duration_has_buckets_from_10_ns_to_1_s()
    {
        double[] bounds = [.. Bucket().Matches(await _service.ScrapeAsync()).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        double[] decades = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
        Assert.Equal(25, bounds.Length);
        Assert.Equal((1e-8, 1.0), (bounds[0], bounds[^1]));
        Assert.All(decades, decade => Assert.Contains(decade, bounds));
        Assert.Equal(bounds.Order(), bounds);
    }

    [Fact]
    public async Task Promtool_finds_nothing_to_complain_of()
    {
        External.Require("curl", "curl");
        External.Require("promtool", "prometheus");
        (int exitCode, string output) = await External.ShellAsync($"curl -sf {new Uri(_service.Sidecar, "/metrics")} | promtool check metrics");
        Assert.Empty(output);
        Assert.Equal(0, exitCode);
    }

    [GeneratedRegex("""^lowlatency_request_duration_seconds_bucket\{.*network_transport="tcp",le="([0-9.E-]+)"\}""", RegexOptions.Multiline)]
    private static partial Regex Bucket();
}
