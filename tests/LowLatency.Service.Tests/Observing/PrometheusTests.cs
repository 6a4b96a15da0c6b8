using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Observing;

/// <summary>The real Prometheus scrapes the sidecar, and gives a quantile back.</summary>
public sealed class PrometheusTests
{
    private const string Quantile =
        "histogram_quantile(0.99, sum by (le) (rate(lowlatency_request_duration_seconds_bucket{network_transport=\"tcp\"}[30s])))";

    [Fact]
    public async Task Prometheus_gives_a_quantile_back()
    {
        string prometheus = External.Require("prometheus", "prometheus");
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using ServiceClient client = await service.ConnectAsync();
        using var folder = new TemporaryFolder();
        int port = FreePort();
        using Process server = await StartAsync(prometheus, port, service.Port("Sidecar"), folder);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            double quantile = await Deadline.UntilAsync("the quantile", () => AskAndQueryAsync(client, http), value => value > 0);
            Assert.InRange(quantile, 1e-8, 1);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task The_configuration_that_comes_with_the_project_is_accepted()
    {
        string promtool = External.Require("promtool", "prometheus");
        (int exitCode, string output) = await External.RunAsync(promtool, "check", "config", Path.Join(ServiceProgram.Root, "deploy/prometheus/prometheus.yml"));
        Assert.True(exitCode == 0, output);
    }

    private static async Task<Process> StartAsync(string prometheus, int port, int sidecar, TemporaryFolder folder)
    {
        await File.WriteAllTextAsync(
            folder.File("prometheus.yml"),
            $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: lowlatency
                static_configs: [ { targets: [ "127.0.0.1:{{sidecar}}" ] } ]
            """,
            TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo(
            prometheus,
            [
                $"--config.file={folder.File("prometheus.yml")}",
                $"--storage.tsdb.path={folder.File("data")}",
                $"--web.listen-address=127.0.0.1:{port}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = new Process { StartInfo = start };
        process.Start();

        // Read, or the pipe fills up and stops the writer.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    // A rate needs requests between two scrapes.
    private static async Task<double> AskAndQueryAsync(ServiceClient client, HttpClient http)
    {
        for (int request = 0; request < 10; request++)
        {
            Assert.Equal("respuesta", await client.AskAsync("hola"));
        }

        try
        {
            string answer = await http.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString(Quantile)}", TestContext.Current.CancellationToken);
            JsonElement result = JsonDocument.Parse(answer).RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 0 ? double.NaN : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            // It does not listen yet, or is not ready.
            return double.NaN;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
