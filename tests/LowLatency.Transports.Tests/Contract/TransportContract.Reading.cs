using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task A_read_waits_for_more_when_everything_was_examined_and_nothing_consumed()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult first = await Handlers.ReadAtLeastAsync(input, 3);
            input.AdvanceTo(first.Buffer.Start, first.Buffer.End);

            ValueTask<ReadResult> second = input.ReadAsync();
            Assert.False(second.IsCompleted);
            await connection.Transport.Output.WriteTextAsync("more");
            Assert.Equal("abcd", (await second).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");
        await peer.ReceiveTextAsync(4);
        await peer.SendAsync("d");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_read_returns_at_once_while_something_is_unexamined()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult first = await Handlers.ReadAtLeastAsync(input, 3);
            input.AdvanceTo(first.Buffer.Start, first.Buffer.GetPosition(2));

            ValueTask<ReadResult> second = input.ReadAsync();
            Assert.True(second.IsCompleted);
            Assert.Equal("abc", (await second).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task What_was_examined_but_not_consumed_comes_again_with_what_follows()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult first = await Handlers.ReadAtLeastAsync(input, 3);
            input.AdvanceTo(first.Buffer.GetPosition(1), first.Buffer.End);
            await connection.Transport.Output.WriteTextAsync("more");

            Assert.Equal("bcd", (await input.ReadAsync()).Text());
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");
        await peer.ReceiveTextAsync(4);
        await peer.SendAsync("d");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task What_was_not_consumed_is_still_there_at_the_end()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult read = await Handlers.ReadAtLeastAsync(input, 3);
            while (!read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                read = await input.ReadAsync();
            }

            Assert.Equal("abc", read.Text());
            input.AdvanceTo(read.Buffer.End);
            read = await input.ReadAsync();
            Assert.True(read.IsCompleted);
            Assert.True(read.Buffer.IsEmpty);
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");
        peer.ShutdownSend();

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_try_to_read_takes_what_is_there_and_never_waits()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            Assert.False(input.TryRead(out _));
            await connection.Transport.Output.WriteTextAsync("go");

            ReadResult read;
            while (!input.TryRead(out read))
            {
                await Task.Yield();
            }

            Assert.Equal("abc", read.Text());
            input.AdvanceTo(read.Buffer.GetPosition(1));
            Assert.True(input.TryRead(out read));
            Assert.Equal("bc", read.Text());
            input.AdvanceTo(read.Buffer.End);
            Assert.False(input.TryRead(out _));
        });
        using Peer peer = await server.ConnectAsync();

        await peer.ReceiveTextAsync(2);
        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Partial_messages_are_put_together_across_many_segments(int seed)
    {
        var random = new Random(seed);
        byte[][] messages = [.. Enumerable.Range(0, 60).Select(index => Payload.Of(random.Next(0, 100_000), seed: index))];
        var received = new List<byte[]>();
        await using TestServer server = await StartAsync(connection => ReadMessagesAsync(connection, received));
        using Peer peer = await server.ConnectAsync();

        byte[] stream = [.. messages.SelectMany(WithLength)];
        for (int sent = 0; sent < stream.Length;)
        {
            int count = Math.Min(random.Next(1, 70_000), stream.Length - sent);
            await peer.SendAsync(stream.AsMemory(sent, count));
            sent += count;
        }

        peer.ShutdownSend();
        await server.HandledAsync();
        Assert.Equal(messages.Length, received.Count);
        for (int index = 0; index < messages.Length; index++)
        {
            Payload.Same(messages[index], received[index]);
        }
    }

    private static byte[] WithLength(byte[] message)
    {
        byte[] framed = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, message.Length);
        message.CopyTo(framed, 4);
        return framed;
    }

    private static async Task ReadMessagesAsync(ConnectionContext connection, List<byte[]> received)
    {
        PipeReader input = connection.Transport.Input;
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            ReadOnlySequence<byte> rest = read.Buffer;
            byte[] length = new byte[4];
            while (rest.Length >= 4)
            {
                rest.Slice(0, 4).CopyTo(length);
                int bytes = BinaryPrimitives.ReadInt32BigEndian(length);
                if (rest.Length < 4 + bytes)
                {
                    break;
                }

                received.Add(rest.Slice(4, bytes).ToArray());
                rest = rest.Slice(4 + bytes);
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                Assert.True(rest.IsEmpty);
                return;
            }
        }
    }
}
