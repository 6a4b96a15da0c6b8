using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Http;

/// <summary>What Kestrel's HTTP does on the polled transports, in whatever way the application is scheduled.</summary>
public abstract class HttpContract(ApplicationScheduling scheduling)
{
    private protected const int Timeout = Hanging.After;

    public enum Way
    {
        Http1,
        Http2,
        Tls1,
        Tls2,
        Unix,
        Shm1,
        Shm2,
        ShmTls1,
        ShmTls2,
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = Timeout)]
    [InlineData(Way.Http1, "HTTP/1.1 GET")]
    [InlineData(Way.Http2, "HTTP/2 GET")]
    [InlineData(Way.Tls1, "HTTP/1.1 GET")]
    [InlineData(Way.Tls2, "HTTP/2 GET")]
    [InlineData(Way.Unix, "HTTP/1.1 GET")]
    [InlineData(Way.Shm1, "HTTP/1.1 GET")]
    [InlineData(Way.Shm2, "HTTP/2 GET")]
    [InlineData(Way.ShmTls1, "HTTP/1.1 GET")]
    [InlineData(Way.ShmTls2, "HTTP/2 GET")]
    public async Task Requests_are_answered_one_after_another_and_many_at_once(Way way, string expected)
    {
        await using HttpTestServer server = await HttpTestServer.StartAsync(scheduling);
        using HttpClient client = Client(server, way);
        for (int request = 0; request < 100; request++)
        {
            Assert.Equal(expected, await client.GetStringAsync("/", Cancellation));
        }

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetStringAsync("/", Cancellation)));

        Assert.All(answers, answer => Assert.Equal(expected, answer));
        Assert.Empty(server.Logs.Warnings);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(Way.Http1)]
    [InlineData(Way.Http2)]
    [InlineData(Way.Tls1)]
    [InlineData(Way.Unix)]
    [InlineData(Way.Shm1)]
    [InlineData(Way.Shm2)]
    [InlineData(Way.ShmTls1)]
    public async Task A_hundred_megabytes_arrive_intact_in_both_directions(Way way)
    {
        await using HttpTestServer server = await HttpTestServer.StartAsync(scheduling);
        using HttpClient client = Client(server, way);
        byte[] large = Large();
        string hash = Convert.ToHexString(SHA256.HashData(large));

        using HttpResponseMessage uploaded = await client.PostAsync("/upload", new ByteArrayContent(large), Cancellation);
        Assert.Equal(hash, await uploaded.Content.ReadAsStringAsync(Cancellation));

        await using Stream download = await client.GetStreamAsync("/download", Cancellation);
        Assert.Equal(hash, Convert.ToHexString(await SHA256.HashDataAsync(download, Cancellation)));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(Way.Http1)]
    [InlineData(Way.Shm1)]
    public async Task A_web_socket_echoes_messages_of_every_size_and_closes_cleanly(Way way)
    {
        await using HttpTestServer server = await HttpTestServer.StartAsync(scheduling);
        using HttpMessageInvoker? invoker = way == Way.Shm1 ? new HttpMessageInvoker(server.NewHandlerOverShm()) : null;
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(server.Http1) { Scheme = "ws", Path = "/socket" }.Uri, invoker, Cancellation);

        foreach (int length in new[] { 0, 1, 125, 126, 65_535, 65_536, 1_000_000 })
        {
            byte[] message = Payload.Of(length);
            byte[] received = new byte[length + 1];
            Task sending = socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, Cancellation);
            int count = 0;
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(new ArraySegment<byte>(received, count, received.Length - count), Cancellation);
                count += part.Count;
            }
            while (!part.EndOfMessage);

            await sending;
            Payload.Same(message, received.AsMemory(0, count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(Way.Http1, "--http1.1")]
    [InlineData(Way.Http2, "--http2-prior-knowledge")]
    [InlineData(Way.Tls2, "--http2")]
    public async Task Curl_is_answered(Way way, string option)
    {
        await using HttpTestServer server = await HttpTestServer.StartAsync(scheduling);

        string output = await External.RunAsync("curl", "--silent", "--show-error", "--insecure", "--noproxy", "*", option, Address(server, way).ToString());

        Assert.Equal(way == Way.Http1 ? "HTTP/1.1 GET" : "HTTP/2 GET", output);
    }

    [Fact(Timeout = Timeout)]
    public async Task Wrk_sees_no_error_for_a_second()
    {
        await using HttpTestServer server = await HttpTestServer.StartAsync(scheduling);

        string output = await External.RunAsync("wrk", "-t1", "-c8", "-d1s", "--timeout", "20s", server.Http1.ToString());

        Assert.Contains("requests in", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Socket errors", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Non-2xx", output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task Behind_connections_that_came_to_nothing_requests_are_answered_all_the_same()
    {
        await using HttpTestServer server = await HttpTestServer.StartAsync(scheduling);
        var address = new IPEndPoint(IPAddress.Loopback, server.Http1.Port);
        for (int round = 0; round < 100; round++)
        {
            using (Peer gone = await Peer.ConnectAsync(address))
            {
                gone.Reset();
            }

            using Peer peer = await Peer.ConnectAsync(address);
            await peer.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Assert.Contains("HTTP/1.1 GET", await peer.ReceiveTextToEndAsync(), StringComparison.Ordinal);
        }
    }

    private static byte[] Large()
    {
        byte[] piece = Payload.Of(1024 * 1024);
        byte[] large = new byte[HttpTestServer.LargeBytes];
        for (int position = 0; position < large.Length; position += piece.Length)
        {
            piece.CopyTo(large, position);
        }

        return large;
    }

    private static Uri Address(HttpTestServer server, Way way) => way switch
    {
        Way.Http2 => server.Http2,
        Way.Tls1 or Way.Tls2 => server.Tls,
        _ => server.Http1,
    };

    private static HttpClient Client(HttpTestServer server, Way way)
    {
        Version version = way is Way.Http2 or Way.Tls2 or Way.Shm2 or Way.ShmTls2 ? HttpVersion.Version20 : HttpVersion.Version11;
        return way is Way.Shm1 or Way.Shm2 or Way.ShmTls1 or Way.ShmTls2
            ? server.NewClientOverShm(tls: way is Way.ShmTls1 or Way.ShmTls2, version)
            : server.NewClient(Address(server, way), version, way == Way.Unix);
    }
}

public sealed class DispatchedHttpTests() : HttpContract(ApplicationScheduling.ThreadPool);

public sealed class InlineHttpTests() : HttpContract(ApplicationScheduling.Inline);
