using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public abstract partial class LowLatencyClientContract
{
    [Theory(Timeout = Timeout)]
    [MemberData(nameof(FramedWays))]
    public async Task A_batch_of_any_number_of_requests_is_answered_in_order(MessageFraming framing, bool awaited)
    {
        await EveryCountIsAnsweredAsync(framing, awaited);
    }

    private protected async Task EveryCountIsAnsweredAsync(MessageFraming framing, bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, framing);
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing));
        RequestBatch batch = client.CreateBatch();
        foreach (int count in new[] { 1, 2, 10, 100, 1_000, 10_000 })
        {
            for (int index = 0; index < count; index++)
            {
                batch.Add(Line(1 + (index % 50), seed: index));
            }

            await AskManyAsync(client, batch, awaited);

            Assert.Equal(count, batch.Count);
            Assert.Equal(count, batch.ReplyCount);
            for (int index = 0; index < count; index++)
            {
                Payload.Same(Line(1 + (index % 50), seed: index), batch.ReplyMemory(index));
            }
        }
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_larger_than_what_the_connection_holds_does_not_get_stuck(bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.LengthPrefix);
        await using LowLatencyClient client = await ConnectAsync(server, Options());
        RequestBatch batch = client.CreateBatch();
        byte[] request = Payload.Of(64 * 1024);
        for (int index = 0; index < 300; index++)
        {
            batch.Add(request);
        }

        await AskManyAsync(client, batch, awaited);

        Assert.Equal(300, batch.ReplyCount);
        for (int index = 0; index < 300; index++)
        {
            Payload.Same(request, batch.ReplyMemory(index));
        }
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_can_be_sent_again_and_is_begun_anew_by_the_next_request(bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        RequestBatch batch = client.CreateBatch();
        batch.Add("one"u8);
        batch.Add("two"u8);

        await AskManyAsync(client, batch, awaited);
        await AskManyAsync(client, batch, awaited);
        Assert.True(batch.Reply(1).SequenceEqual("two"u8));

        batch.Add("three"u8);
        Assert.Equal(1, batch.Count);
        Assert.Equal(0, batch.ReplyCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.ReplyMemory(0));
        await AskManyAsync(client, batch, awaited);
        Assert.True(batch.Reply(0).SequenceEqual("three"u8));

        batch.Clear();
        await AskManyAsync(client, batch, awaited);
        Assert.Equal(0, batch.ReplyCount);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_that_breaks_off_keeps_the_replies_that_came(bool awaited)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await Handlers.ReadAtLeastAsync(connection.Transport.Input, 12);
            await connection.Transport.Output.WriteTextAsync("one\ntwo\nthr");
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        RequestBatch batch = client.CreateBatch();
        batch.Add("aaa"u8);
        batch.Add("bbb"u8);
        batch.Add("ccc"u8);

        await Assert.ThrowsAsync<LowLatencyClientException>(() => AskManyAsync(client, batch, awaited));

        Assert.Equal(2, batch.ReplyCount);
        Assert.True(batch.Reply(1).SequenceEqual("two"u8));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_batch_for_another_framing_is_refused()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        await using LowLatencyClient other = await ConnectAsync(server, Options());

        Assert.Throws<ArgumentException>(() => client.AskMany(other.CreateBatch()));
    }
}
