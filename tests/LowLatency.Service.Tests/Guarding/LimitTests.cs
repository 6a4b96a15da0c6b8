using LowLatency.Client;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Guarding;

/// <summary>The limits hold on every transport alike.</summary>
public sealed class LimitTests
{
    public static TheoryData<string> Endpoints => ["Tcp", "Unix", "Shm"];

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_connection_too_many_is_refused_and_a_freed_slot_works_again(string endpoint)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Limits:MaxConnections=1");
        await using (LowLatencyStream first = await ConnectAsync(service, endpoint))
        {
            Assert.True(await IsAnsweredAsync(first));
            Assert.False(await IsServedAsync(service, endpoint));
            await AssertErrorAsync(service, "connection_limit");
        }

        await Deadline.UntilAsync("freed slot", () => IsServedAsync(service, endpoint), served => served);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_message_that_is_not_finished_in_time_ends_its_connection(string endpoint)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Framing=Line", "--LowLatency:Limits:MessageTimeout=00:00:00.2");
        await using LowLatencyStream stream = await ConnectAsync(service, endpoint);
        Assert.True(await IsAnsweredAsync(stream));
        await stream.WriteAsync("ho"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(await HasEndedAsync(stream));
        await AssertErrorAsync(service, "message_timeout");
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Five_hundred_messages_that_are_not_finished_end_their_connections_and_keep_nobody_else_waiting(string endpoint)
    {
        const int Senders = 500;
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Framing=Line", "--LowLatency:Limits:MessageTimeout=00:00:00.5");
        await using LowLatencyStream bystander = await ConnectAsync(service, endpoint);
        LowLatencyStream[] senders = await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            LowLatencyStream sender = await ConnectAsync(service, endpoint);
            await sender.WriteAsync("h"u8.ToArray(), TestContext.Current.CancellationToken);
            return sender;
        }));
        Task<bool[]> ends = Task.WhenAll(senders.Select(HasEndedAsync));
        do
        {
            Assert.True(await IsAnsweredAsync(bystander));
        }
        while (!ends.IsCompleted);

        Assert.DoesNotContain(false, await ends);
        await service.AssertMetricAsync(Senders, "lowlatency_errors_total", "error_type=\"message_timeout\"");
        await Task.WhenAll(senders.Select(sender => sender.DisposeAsync().AsTask()));
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_silent_connection_ends(string endpoint)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Limits:IdleTimeout=00:00:00.2");
        await using LowLatencyStream stream = await ConnectAsync(service, endpoint);
        Assert.True(await HasEndedAsync(stream));
        await AssertErrorAsync(service, "idle_timeout");
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_peer_that_does_not_read_its_replies_is_cut_off(string endpoint)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Framing=Line", "--LowLatency:Limits:ReplyTimeout=00:00:00.3");
        await using LowLatencyStream stream = await ConnectAsync(service, endpoint);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task flood = Task.Run(() => FloodAsync(stream, over.Token), TestContext.Current.CancellationToken);
        await AssertErrorAsync(service, "slow_reader");
        await over.CancelAsync();
        await flood;
        Assert.True(await IsServedAsync(service, endpoint));
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Replies_that_gather_beyond_their_limit_go_out_in_parts_and_none_is_lost(string endpoint)
    {
        const int Requests = 10_000;
        await using ServiceProcess service = await ServiceProcess.StartAsync("--LowLatency:Framing=Line", "--LowLatency:Limits:MaxPendingReplyBytes=100");
        await using LowLatencyStream stream = await ConnectAsync(service, endpoint);
        byte[] lines = new byte[Requests];
        lines.AsSpan().Fill((byte)'\n');
        ValueTask writing = stream.WriteAsync(lines, TestContext.Current.CancellationToken);
        byte[] replies = new byte[Requests * "respuesta\n".Length];
        await stream.ReadExactlyAsync(replies, TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);
        await writing;
        Assert.Equal(string.Concat(Enumerable.Repeat("respuesta\n", Requests)), System.Text.Encoding.ASCII.GetString(replies));
    }

    private static async Task FloodAsync(LowLatencyStream stream, CancellationToken over)
    {
        byte[] lines = new byte[16 * 1024];
        lines.AsSpan().Fill((byte)'\n');
        try
        {
            while (true)
            {
                // Written to a broken connection, it is lost without a word.
                await stream.WriteAsync(lines, over);
                await Task.Yield();
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // Told of the end, or called back.
        }
    }

    private static async Task<LowLatencyStream> ConnectAsync(ServiceProcess service, string endpoint)
        => await LowLatencyStream.ConnectAsync(service.Url(endpoint), cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<bool> IsServedAsync(ServiceProcess service, string endpoint)
    {
        try
        {
            await using LowLatencyStream stream = await ConnectAsync(service, endpoint);
            return await IsAnsweredAsync(stream);
        }
        catch (Exception exception) when (exception is IOException or LowLatencyClientException)
        {
            return false;
        }
    }

    // Whole by every framing that is used here.
    private static async Task<bool> IsAnsweredAsync(LowLatencyStream stream)
    {
        await stream.WriteAsync("hola\n"u8.ToArray(), TestContext.Current.CancellationToken);
        byte[] reply = new byte[100];
        return await stream.ReadAsync(reply, TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline.Default, TestContext.Current.CancellationToken) > 0;
    }

    private static async Task<bool> HasEndedAsync(LowLatencyStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[100], TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline.Default, TestContext.Current.CancellationToken) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static Task AssertErrorAsync(ServiceProcess service, string type) => service.AssertMetricAsync(1, "lowlatency_errors_total", $"error_type=\"{type}\"");
}
