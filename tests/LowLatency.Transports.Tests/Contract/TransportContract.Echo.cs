using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Theory(Timeout = Timeout)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(16 * 1024)]
    [InlineData((16 * 1024) + 1)]
    [InlineData(1024 * 1024)]
    [InlineData(16 * 1024 * 1024)]
    public async Task Whatever_is_sent_comes_back(int length)
    {
        byte[] payload = Payload.Of(length);
        await using TestServer server = await StartAsync(Handlers.EchoAsync);
        using Peer peer = await server.ConnectAsync();

        Task<byte[]> receiving = peer.ReceiveToEndAsync();
        await peer.SendAsync(payload);
        peer.ShutdownSend();

        Payload.Same(payload, await receiving);
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Whatever_is_sent_byte_by_byte_comes_back()
    {
        byte[] payload = Payload.Of(2000);
        await using TestServer server = await StartAsync(Handlers.EchoAsync);
        using Peer peer = await server.ConnectAsync();

        Task<byte[]> receiving = peer.ReceiveExactlyAsync(payload.Length);
        for (int index = 0; index < payload.Length; index++)
        {
            await peer.SendAsync(payload.AsMemory(index, 1));
        }

        Payload.Same(payload, await receiving);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(1, 100)]
    [InlineData(2, 20_000)]
    [InlineData(3, 300_000)]
    public async Task Whatever_is_sent_in_random_pieces_comes_back(int seed, int largestPiece)
    {
        byte[] payload = Payload.Of(Math.Min(4_000_000, largestPiece * 200), seed);
        var random = new Random(seed);
        await using TestServer server = await StartAsync(Handlers.EchoAsync);
        using Peer peer = await server.ConnectAsync();

        Task<byte[]> receiving = peer.ReceiveExactlyAsync(payload.Length);
        for (int sent = 0; sent < payload.Length;)
        {
            int count = Math.Min(random.Next(1, largestPiece), payload.Length - sent);
            await peer.SendAsync(payload.AsMemory(sent, count));
            sent += count;
        }

        Payload.Same(payload, await receiving);
    }

    [Fact(Timeout = Timeout)]
    public async Task One_message_after_another_is_answered()
    {
        await using TestServer server = await StartAsync(Handlers.EchoAsync);
        using Peer peer = await server.ConnectAsync();

        for (int message = 0; message < 2000; message++)
        {
            byte[] payload = Payload.Of(1 + (message % 50), seed: message);
            await peer.SendAsync(payload);
            Payload.Same(payload, await peer.ReceiveExactlyAsync(payload.Length));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Five_hundred_connections_at_once_are_all_answered()
    {
        await using TestServer server = await StartAsync(Handlers.EchoAsync);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(async client =>
        {
            using Peer peer = await server.ConnectAsync();
            for (int message = 0; message < 10; message++)
            {
                byte[] payload = Payload.Of(100, seed: (client * 10) + message);
                await peer.SendAsync(payload);
                Payload.Same(payload, await peer.ReceiveExactlyAsync(payload.Length));
            }
        }));
    }
}
