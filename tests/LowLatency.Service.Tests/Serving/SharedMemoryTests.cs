using System.Net.Sockets;
using System.Runtime.Versioning;
using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Serving;

/// <summary>The service over shared memory, with this process as its client.</summary>
[SupportedOSPlatform("linux")]
public sealed class SharedMemoryTests
{
    private const string OverShm = "network_transport=\"shm\"";
    private const string Errors = "lowlatency_errors_total";

    [Fact]
    public async Task Any_message_is_answered_and_counted()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await using (LowLatencyClient client = await ConnectAsync(service))
        {
            byte[] reply = new byte[100];
            foreach (string message in (string[])["hola", "\0", "GET / HTTP/1.1\r\n\r\n", new string('x', 10_000)])
            {
                int length = client.Ask(System.Text.Encoding.ASCII.GetBytes(message), reply);
                Assert.Equal("respuesta"u8.ToArray(), reply[..length]);
            }

            await service.AssertMetricAsync(1, "lowlatency_connections_active");
        }

        Assert.Equal(4, await service.SettledMetricAsync("lowlatency_requests_total"));

        // One in sixteen is timed, the first one among them.
        Assert.Equal(1, await service.MetricAsync("lowlatency_request_duration_seconds_count", OverShm));
        Assert.Equal(0, await service.MetricAsync(Errors));
    }

    [Theory]
    [InlineData("Line", MessageFraming.Line)]
    [InlineData("LengthPrefix", MessageFraming.LengthPrefix)]
    public async Task A_batch_is_answered_request_by_request(string framing, MessageFraming clients)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync($"--LowLatency:Framing={framing}");
        await using LowLatencyClient client = await ConnectAsync(service, clients);
        RequestBatch batch = client.CreateBatch();
        for (int request = 0; request < 1_000; request++)
        {
            batch.Add("hola"u8);
        }

        client.AskMany(batch);

        Assert.Equal(1_000, batch.ReplyCount);
        await service.AssertMetricAsync(1_000, "lowlatency_requests_total");
    }

    [Fact]
    public async Task The_banner_says_how_to_drive_it_and_names_no_netcat()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Endpoints:Tcp:Url=", "--LowLatency:Endpoints:Unix:Url=");
        string hint = $"  dotnet run -c Release --project loadtest -- run {service.Url("Shm")}";
        string[] lines = await Deadline.UntilAsync("hint", () => Task.FromResult(service.Lines), lines => lines.Contains(hint));
        Assert.DoesNotContain(lines, line => line.Contains(" nc ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_does_not_speak_the_protocol_is_refused_and_counted()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        using Socket stranger = await ConnectControlAsync(service);
        await stranger.SendAsync(new byte[64], TestContext.Current.CancellationToken);
        await service.AssertMetricAsync(1, Errors, "error_type=\"protocol\"");
        await AssertServesAsync(service);
    }

    [Fact]
    public async Task Who_does_not_end_the_handshake_is_refused_and_counted()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Limits:HandshakeTimeout=00:00:02");
        using Socket silent = await ConnectControlAsync(service);
        await service.AssertMetricAsync(1, Errors, "error_type=\"handshake_timeout\"");
        await AssertServesAsync(service);
    }

    [Fact]
    public async Task Whoever_there_is_no_memory_for_is_refused_and_counted()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Endpoints:Shm:RingBytes=67108864");
        var held = new List<LowLatencyClient>();
        try
        {
            LowLatencyClientException refused = await Assert.ThrowsAsync<LowLatencyClientException>(async () =>
            {
                for (int client = 0; client < 5; client++)
                {
                    held.Add(await ConnectAsync(service));
                }
            });
            Assert.Contains("no memory", refused.Message, StringComparison.Ordinal);
            await service.AssertMetricAsync(1, Errors, "error_type=\"no_memory\"");
        }
        finally
        {
            held.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_user_who_is_not_listed_is_refused_and_counted()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can be somebody else.");
        External.Require("setpriv", "util-linux");
        External.Require("nc", "netcat-openbsd");
        using var folder = new TemporaryFolder();
        string path = folder.File("open.sock");
        File.SetUnixFileMode(Path.GetDirectoryName(path)!, (UnixFileMode)0b111_101_101);
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            $"--LowLatency:Endpoints:Shm:Url=shm://{path}", "--LowLatency:Endpoints:Shm:AllowUsers=4242");

        await External.ShellAsync($"setpriv --reuid 4243 --clear-groups nc -N -U {path} < /dev/null");

        await service.AssertMetricAsync(1, Errors, "error_type=\"not_allowed\"");
        await AssertServesAsync(service);
    }

    private static async Task<LowLatencyClient> ConnectAsync(ServiceProcess service, MessageFraming framing = MessageFraming.None)
        => await LowLatencyClient.ConnectAsync(service.Url("Shm"), new LowLatencyClientOptions { Framing = framing }, TestContext.Current.CancellationToken);

    private static async Task<Socket> ConnectControlAsync(ServiceProcess service)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(service.Url("Shm")["shm://".Length..]), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task AssertServesAsync(ServiceProcess service)
    {
        await using LowLatencyClient client = await ConnectAsync(service);
        Assert.Equal(9, client.Ask("hola"u8, new byte[100]));
    }
}
