using LowLatency.Client.Exchanges;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public abstract partial class LowLatencyClientContract
{
    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_failure_the_next_request_connects_anew_and_nothing_is_sent_twice(bool awaited)
    {
        int requests = 0;
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            var input = connection.Transport.Input;
            input.AdvanceTo((await Handlers.ReadAtLeastAsync(input, 5)).Buffer.End);
            if (Interlocked.Increment(ref requests) != 1)
            {
                await connection.Transport.Output.WriteTextAsync("yes\n");
                await Handlers.DrainAsync(input);
            }
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line) with { Reconnect = true });

        await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola", awaited));
        Assert.Equal(1, Volatile.Read(ref requests));

        Assert.Equal("yes"u8.ToArray(), await AskAsync(client, "hola", awaited));
        Assert.Equal(2, Volatile.Read(ref requests));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_was_closed_while_idle_is_renewed_before_anything_is_sent(bool awaited)
    {
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            connection.Transport.Input.AdvanceTo((await Handlers.ReadAtLeastAsync(connection.Transport.Input, 5)).Buffer.End);
            await connection.Transport.Output.WriteTextAsync("yes\n");
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line) with { Reconnect = true });
        for (int number = 0; number < 20; number++)
        {
            Assert.Equal("yes"u8.ToArray(), await AskAsync(client, "hola", awaited));
            await server.HandledAsync();

            // The handler has ended; the end itself follows at the transport's leisure.
            await Eventually.IsTrue(() => client.LookForTrouble() == ExchangeOutcome.ClosedByPeer);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_comes_back_is_asked_again()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.None);
        await using LowLatencyClient client = await ConnectAsync(server, Options() with { Reconnect = true });
        await server.StopAsync();

        for (int attempt = 0; attempt < 3; attempt++)
        {
            LowLatencyClientException error = await Assert.ThrowsAsync<LowLatencyClientException>(() => AskAsync(client, "hola"));
            AssertIsOneLineAbout(server, error);
        }
    }
}
