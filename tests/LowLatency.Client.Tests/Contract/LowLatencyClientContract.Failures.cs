using System.IO.Pipelines;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public abstract partial class LowLatencyClientContract
{
    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_closes_instead_of_answering_is_a_clear_error(bool awaited)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options());

        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola", awaited));

        Assert.Equal(ClientFailure.ClosedByPeer, error.Failure);
        AssertIsOneLineAbout(server, error);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_resets_is_a_clear_error(bool awaited)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            connection.Abort();
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options());

        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola", awaited));

        // Only TCP tells the one from the other for certain.
        Assert.Contains(error.Failure, new[] { ClientFailure.Reset, ClientFailure.ClosedByPeer });
        AssertIsOneLineAbout(server, error);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_never_answers_is_a_timeout_and_the_connection_ends(bool awaited)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, connection => Handlers.DrainAsync(connection.Transport.Input));
        await using LowLatencyClient client = await ConnectAsync(
            server, Options() with { AskTimeout = TimeSpan.FromMilliseconds(50), SpinFor = TimeSpan.FromMilliseconds(10) });

        AssertIsOneLineAbout(server, await Assert.ThrowsAsync<TimeoutException>(() => AskAsync(client, "hola", awaited)));

        LowLatencyClientException after = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola", awaited));
        Assert.Equal(ClientFailure.NotConnected, after.Failure);
        AssertIsOneLineAbout(server, after);
        await Eventually.IsTrue(() => server.OpenConnections == 0);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_neither_reads_nor_answers_is_a_timeout_too(bool awaited)
    {
        var ended = new TaskCompletionSource();
        await using TestServer server = await TestServer.StartAsync(Transport, _ => ended.Task);
        await using LowLatencyClient client = await ConnectAsync(server, Options() with { AskTimeout = TimeSpan.FromMilliseconds(100) });

        await Assert.ThrowsAsync<TimeoutException>(() => AskAsync(client, Payload.Of(32 * 1024 * 1024), 100, awaited));
        ended.SetResult();
    }

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Ways))]
    public async Task A_reply_longer_than_its_room_is_a_clear_error_and_the_connection_ends(MessageFraming framing, bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, framing);
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing));

        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, Line(501), room: 500, awaited));

        Assert.Equal(ClientFailure.ReplyTooLong, error.Failure);
        AssertIsOneLineAbout(server, error);
        error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola", awaited));
        Assert.Equal(ClientFailure.NotConnected, error.Failure);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(MessageFraming.Line, "an endless line ")]
    [InlineData(MessageFraming.LengthPrefix, "\u00ff\u00ff\u00ff\u00ff")]
    public async Task A_peer_that_answers_without_end_does_not_fill_the_memory(MessageFraming framing, string answer)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            byte[] flood = [.. Enumerable.Repeat(answer, 1_000).SelectMany(piece => piece).Select(character => (byte)character)];
            while (!(await connection.Transport.Output.WriteAsync(flood)).IsCompleted)
            {
            }
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing) with { MaxReplyBytes = 1_000 });
        RequestBatch batch = client.CreateBatch();
        batch.Add("hola"u8);
        batch.Add("hola"u8);

        LowLatencyClientException error = Assert.Throws<LowLatencyClientException>(() => client.AskMany(batch));

        Assert.Equal(ClientFailure.ReplyTooLong, error.Failure);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_that_nobody_asked_for_is_not_taken_for_the_next_ones(bool awaited)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            await connection.Transport.Output.WriteTextAsync("one\ntwo\n");
            connection.Transport.Input.AdvanceTo(default);
            await Handlers.DrainAsync(connection.Transport.Input);
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line) with { Reconnect = true });
        Assert.Equal("one"u8.ToArray(), await AskAsync(client, "hola", awaited));

        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola", awaited));

        Assert.Equal(ClientFailure.Unasked, error.Failure);
        AssertIsOneLineAbout(server, error);
        Assert.Equal("one"u8.ToArray(), await AskAsync(client, "hola", awaited));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancelled_request_is_cancelled_and_the_connection_ends()
    {
        await using TestServer server = await TestServer.StartAsync(Transport, connection => Handlers.DrainAsync(connection.Transport.Input));
        await using LowLatencyClient client = await ConnectAsync(server, Options());
        using var cancellation = new CancellationTokenSource();
        Task<int> asking = client.AskAsync("hola"u8.ToArray(), new byte[100], cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.Equal(ClientFailure.NotConnected, (await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola"))).Failure);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_target_that_nobody_listens_on_is_a_clear_error()
    {
        TestServer server = await Servers.EchoAsync(Transport, MessageFraming.None);
        string url = server.Url();
        await server.StopAsync();
        await server.DisposeAsync();

        LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(
            async () => await LowLatencyClient.ConnectAsync(url, Options(), Cancellation));

        Assert.Equal(ClientFailure.ConnectFailed, error.Failure);
        Assert.StartsWith(url, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static void AssertIsOneLineAbout(TestServer server, Exception error)
    {
        Assert.StartsWith(server.Url() + ": ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
