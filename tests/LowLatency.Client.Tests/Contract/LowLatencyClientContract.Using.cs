using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public abstract partial class LowLatencyClientContract
{
    [Fact(Timeout = Timeout)]
    public async Task A_second_request_at_the_same_time_is_refused_and_the_first_goes_on()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            connection.Transport.Input.AdvanceTo((await connection.Transport.Input.ReadAsync()).Buffer.End);
            await answer.Task;
            await connection.Transport.Output.WriteTextAsync("yes\n");
            await Handlers.DrainAsync(connection.Transport.Input);
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        Task<byte[]> first = AskAsync(client, "hola", awaited: true);

        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(client, "hola", awaited: true));
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(client, "hola", awaited: false));
        Assert.Throws<InvalidOperationException>(() => client.AskMany(client.CreateBatch()));

        answer.SetResult();
        Assert.Equal("yes"u8.ToArray(), await first);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposal_ends_a_request_of_another_thread(bool awaited)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            connection.Transport.Input.AdvanceTo((await connection.Transport.Input.ReadAsync()).Buffer.End);
            arrived.SetResult();
            await Handlers.DrainAsync(connection.Transport.Input);
        });
        LowLatencyClient client = await ConnectAsync(server, Options());
        Task<byte[]> asking = Task.Run(() => AskAsync(client, "hola", awaited), Cancellation);
        await arrived.Task;

        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AskAsync(client, "hola", awaited));
        await client.DisposeAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Disposal_is_seen_by_the_server_as_the_end()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.None);
        LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.None));
        await AskAsync(client, "hola");

        client.Dispose();

        await server.HandledAsync();
        Assert.Empty(server.Logs.Warnings);
    }
}
