using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace LowLatency.Client.Tests.Streams;

/// <summary><see cref="HttpClient"/> over <see cref="LowLatencyStream"/>, to an ordinary application on the transports.</summary>
public sealed class HttpTests : IAsyncLifetime
{
    private const int Timeout = Hanging.After;

    private readonly UnixDomainSocketEndPoint _unix1 = BusyPollTransport.NewUnixAddress();
    private readonly UnixDomainSocketEndPoint _unix2 = BusyPollTransport.NewUnixAddress();
    private readonly SharedMemoryEndPoint _shm1 = SharedMemoryTransport.NewAddress(ApplicationScheduling.ThreadPool);
    private readonly SharedMemoryEndPoint _shm2 = SharedMemoryTransport.NewAddress(ApplicationScheduling.ThreadPool);
    private readonly LowLatencyConnectionFactory _connections = new(new BusyPollTransportOptions { SpinFor = TimeSpan.FromMilliseconds(5) });
    private readonly WebApplication _application;
    private ListenOptions? _tcp1;
    private ListenOptions? _tcp2;

    public HttpTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSharedMemory().UseBusyPoll(options => options.SpinFor = TimeSpan.FromMilliseconds(5));
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(IPAddress.Loopback, 0, listen => (_tcp1 = listen).Protocols = HttpProtocols.Http1);
            options.Listen(IPAddress.Loopback, 0, listen => (_tcp2 = listen).Protocols = HttpProtocols.Http2);
            options.Listen(_unix1, listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(_unix2, listen => listen.Protocols = HttpProtocols.Http2);
            options.Listen(_shm1, listen => listen.Protocols = HttpProtocols.Http1);
            options.Listen(_shm2, listen => listen.Protocols = HttpProtocols.Http2);
        });
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    public enum Way
    {
        Tcp1,
        Tcp2,
        Unix1,
        Unix2,
        Shm1,
        Shm2,
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _application.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _connections.Dispose();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(Way.Tcp1, "HTTP/1.1 GET")]
    [InlineData(Way.Tcp2, "HTTP/2 GET")]
    [InlineData(Way.Unix1, "HTTP/1.1 GET")]
    [InlineData(Way.Unix2, "HTTP/2 GET")]
    [InlineData(Way.Shm1, "HTTP/1.1 GET")]
    [InlineData(Way.Shm2, "HTTP/2 GET")]
    public async Task Requests_are_answered_one_after_another_and_many_at_once(Way way, string expected)
    {
        using HttpClient client = Client(way);
        for (int request = 0; request < 100; request++)
        {
            Assert.Equal(expected, await client.GetStringAsync("/", Cancellation));
        }

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetStringAsync("/", Cancellation)));
        Assert.All(answers, answer => Assert.Equal(expected, answer));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(Way.Tcp1)]
    [InlineData(Way.Tcp2)]
    [InlineData(Way.Unix1)]
    [InlineData(Way.Unix2)]
    [InlineData(Way.Shm1)]
    [InlineData(Way.Shm2)]
    public async Task Ten_megabytes_arrive_intact_in_both_directions(Way way)
    {
        using HttpClient client = Client(way);
        byte[] body = Payload.Of(10 * 1024 * 1024);

        using HttpResponseMessage hashed = await client.PostAsync("/hash", new ByteArrayContent(body), Cancellation);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), await hashed.Content.ReadAsStringAsync(Cancellation));
        using HttpResponseMessage echoed = await client.PostAsync("/echo", new ByteArrayContent(body), Cancellation);
        Payload.Same(body, await echoed.Content.ReadAsByteArrayAsync(Cancellation));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/hash":
                await context.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body)));
                break;

            case "/echo":
                using (var body = new MemoryStream())
                {
                    await context.Request.Body.CopyToAsync(body);
                    await context.Response.Body.WriteAsync(body.ToArray());
                }

                break;

            default:
                await context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Method}");
                break;
        }
    }

    private HttpClient Client(Way way)
    {
        string url = way switch
        {
            Way.Tcp1 => $"tcp://{_tcp1!.IPEndPoint}",
            Way.Tcp2 => $"tcp://{_tcp2!.IPEndPoint}",
            Way.Unix1 => $"unix://{_unix1}",
            Way.Unix2 => $"unix://{_unix2}",
            Way.Shm1 => $"shm://{_shm1}",
            _ => $"shm://{_shm2}",
        };
        return new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) => await LowLatencyStream.ConnectAsync(url, _connections, cancellationToken: cancellation),
        })
        {
            BaseAddress = new Uri("http://localhost"),
            DefaultRequestVersion = way is Way.Tcp2 or Way.Unix2 or Way.Shm2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
