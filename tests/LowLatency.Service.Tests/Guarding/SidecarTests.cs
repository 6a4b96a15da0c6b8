using System.Net;
using System.Net.Sockets;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Guarding;

/// <summary>What the sidecar takes from whoever asks it, while the fast endpoints go on answering.</summary>
public sealed class SidecarTests
{
    private const string Live = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
    private const int ScrapesPerSecond = 100;
    private const int MostConnections = 128;
    private const int MostOfOneAddress = 64;

    // More answers than the kernel keeps for who does not read them.
    private static readonly string AsksOn = string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 500));

    [Fact]
    public async Task Fifty_scrapers_every_10_ms_get_no_more_than_their_share()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using var over = new CancellationTokenSource();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Task<int> client = ClosedLoop.RunAsync(service.Url("Tcp"), over.Token);
        Task<int>[] scrapers = [.. Enumerable.Range(0, 50).Select(_ => ScrapeAsync(service, over.Token))];
        double before = await Deadline.UntilAsync("requests", () => service.MetricAsync("lowlatency_requests_total"), requests => requests > 2000);
        over.CancelAfter(TimeSpan.FromSeconds(2));
        int scrapes = (await Task.WhenAll(scrapers)).Sum();

        // A bucket that was full, and what ran into it meanwhile.
        Assert.InRange(scrapes, 1, ScrapesPerSecond + (int)(clock.Elapsed.TotalSeconds * ScrapesPerSecond) + 50);
        // That it goes on; how fast, is measured elsewhere.
        Assert.InRange(await client, before + 1, double.MaxValue);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/nowhere")]
    public async Task A_flood_of_what_costs_little_is_bounded_as_well_and_nobody_is_refused(string path)
    {
        const int PerSecond = 1000;
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        const int Some = 100;
        using var over = new CancellationTokenSource();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        int all = 0;
        Task[] flood = [.. Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                using HttpResponseMessage answer = await service.GetAsync(path);
                Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NotFound]);
                if (Interlocked.Increment(ref all) == Some)
                {
                    over.CancelAfter(TimeSpan.FromSeconds(2));
                }
            }
        }))];
        await Task.WhenAll(flood);

        // A bucket that was full, and what ran into it meanwhile.
        Assert.InRange(all, Some, PerSecond + (int)(clock.Elapsed.TotalSeconds * PerSecond) + 200);
    }

    [Fact]
    public async Task Scrapers_that_never_read_keep_nobody_else_waiting()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        var slow = new List<ServiceClient>();
        for (int client = 0; client < 20; client++)
        {
            slow.Add(await ServiceClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, service.Sidecar.Port)));
            slow[^1].Socket.ReceiveBufferSize = 4096;
            await slow[^1].SendAsync(AsksOn);
        }

        using ServiceClient fast = await service.ConnectAsync();
        Assert.Equal("respuesta", await fast.AskAsync("hola"));
        await service.AssertMetricAsync(1, "lowlatency_requests_total");
        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_scraper_that_asks_on_and_never_reads_keeps_nobody_waiting_for_long()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using ServiceClient slow = await ServiceClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, service.Sidecar.Port));
        slow.Socket.ReceiveBufferSize = 4096;
        await slow.SendAsync(AsksOn);
        for (int scrape = 0; scrape < 3; scrape++)
        {
            Assert.Equal(0, await service.MetricAsync("lowlatency_requests_total"));
        }
    }

    [Fact]
    public async Task A_connection_too_many_is_closed_and_a_freed_place_works_again()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        var address = new IPEndPoint(IPAddress.Loopback, service.Sidecar.Port);
        List<ServiceClient> held = await HoldAsync(address, "127.0.0.1", MostOfOneAddress);
        held.AddRange(await HoldAsync(address, "127.0.0.2", MostConnections - MostOfOneAddress));
        Assert.Empty(await AskAsync(address, Live, from: "127.0.0.3"));
        held.ForEach(client => client.Dispose());
        await Deadline.UntilAsync("free place", () => AskAsync(address, Live, from: "127.0.0.3"), answer => answer.Length > 0);
    }

    [Fact]
    public async Task One_address_leaves_places_to_the_others()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        var address = new IPEndPoint(IPAddress.Loopback, service.Sidecar.Port);
        List<ServiceClient> held = await HoldAsync(address, "127.0.0.1", MostOfOneAddress);
        Assert.Empty(await AskAsync(address, Live));
        Assert.Equal("HTTP/1.1 200", await AskAsync(address, Live, from: "127.0.0.2"));
        held.ForEach(client => client.Dispose());
    }

    [Theory]
    [InlineData("POST /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n", 200, 413)]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {9000}\r\n\r\n", 431, 431)]
    [InlineData("GET /{9000} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 414, 414)]
    [InlineData("respuesta\r\n\r\n", 400, 400)]
    [InlineData("GET /metrics/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404, 404)]
    public async Task What_is_too_large_or_no_request_gets_a_short_answer_that_tells_nothing(string request, int status, int orStatus)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        string answer = await AskAsync(new IPEndPoint(IPAddress.Loopback, service.Sidecar.Port), request.Replace("{9000}", new string('x', 9000), StringComparison.Ordinal), 1000);
        Assert.Contains(int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), new[] { status, orStatus });
        foreach (string secret in (string[])["   at ", "Exception", "Kestrel", "LowLatency", "/tmp"])
        {
            Assert.DoesNotContain(secret, answer, StringComparison.Ordinal);
        }
    }

    private static async Task<List<ServiceClient>> HoldAsync(EndPoint address, string from, int count)
    {
        var held = new List<ServiceClient>();
        for (int client = 0; client < count; client++)
        {
            held.Add(await ServiceClient.ConnectAsync(address, IPAddress.Parse(from)));
            await held[^1].SendAsync(Live);
            Assert.Equal("HTTP/1.1 200", await held[^1].ReceiveAsync(12));
        }

        return held;
    }

    private static async Task<int> ScrapeAsync(ServiceProcess service, CancellationToken over)
    {
        using var http = new HttpClient();
        int scrapes = 0;
        try
        {
            while (true)
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(service.Sidecar, "/metrics"), over);
                scrapes += answer.IsSuccessStatusCode ? 1 : 0;
                await Task.Delay(TimeSpan.FromMilliseconds(10), over);
            }
        }
        catch (OperationCanceledException)
        {
            return scrapes;
        }
    }

    private static async Task<string> AskAsync(EndPoint address, string request, int length = 12, string from = "127.0.0.1")
    {
        try
        {
            using ServiceClient client = await ServiceClient.ConnectAsync(address, IPAddress.Parse(from));
            await client.SendAsync(request);
            return await client.ReceiveAsync(length);
        }
        catch (SocketException)
        {
            return "";
        }
    }
}
