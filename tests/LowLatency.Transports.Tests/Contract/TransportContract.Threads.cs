using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_handler_that_wanders_off_to_other_threads_stays_correct(int seed)
    {
        byte[] payload = Payload.Of(8_000_000, seed);
        await using TestServer server = await StartAsync(connection => WanderingEchoAsync(connection, new Random(seed)));
        using Peer peer = await server.ConnectAsync();

        Task<byte[]> receiving = peer.ReceiveToEndAsync();
        var random = new Random(seed);
        for (int sent = 0; sent < payload.Length;)
        {
            int count = Math.Min(random.Next(1, 40_000), payload.Length - sent);
            await peer.SendAsync(payload.AsMemory(sent, count));
            sent += count;
        }

        peer.ShutdownSend();
        Payload.Same(payload, await receiving);
        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Messages_are_answered_by_a_handler_that_wanders_off()
    {
        await using TestServer server = await StartAsync(connection => WanderingEchoAsync(connection, new Random(3)));
        using Peer peer = await server.ConnectAsync();

        for (int message = 0; message < 5000; message++)
        {
            await peer.SendAsync("abc");
            Assert.Equal("abc", await peer.ReceiveTextAsync(3));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task One_thread_may_read_while_another_one_writes()
    {
        byte[] up = Payload.Of(8_000_000, seed: 1);
        byte[] down = Payload.Of(8_000_000, seed: 2);
        byte[] received = [];
        await using TestServer server = await StartAsync(async connection =>
        {
            Task<byte[]> reading = Task.Run(() => Handlers.ReadToEndAsync(connection.Transport.Input));
            Task writing = Task.Run(async () =>
            {
                for (int written = 0; written < down.Length; written += 10_000)
                {
                    await connection.Transport.Output.WriteAsync(down.AsMemory(written, 10_000));
                }

                // Only the end of what the peer sends ends the connection, so that neither direction cuts the other.
                await reading;
            });
            await writing;
            received = await reading;
        });
        using Peer peer = await server.ConnectAsync();

        Task<byte[]> receiving = peer.ReceiveToEndAsync();
        await peer.SendAsync(up);
        peer.ShutdownSend();

        Payload.Same(down, await receiving);
        await server.HandledAsync();
        Payload.Same(up, received);
    }

    private static async Task WanderingEchoAsync(ConnectionContext connection, Random random)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            await WanderAsync(random);
            ReadResult read = await input.ReadAsync();
            await WanderAsync(random);
            output.Write(read.Buffer.ToArray());
            await WanderAsync(random);
            input.AdvanceTo(read.Buffer.End);
            FlushResult flushed = await output.FlushAsync();
            if (read.IsCompleted || flushed.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task WanderAsync(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                await Task.Yield();
                break;

            case 1:
                await Task.Run(() => Thread.SpinWait(100));
                break;
        }
    }
}
