using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>What is flushed together arrives together, whatever it takes to carry it.</summary>
public sealed class MessageBoundaryTests
{
    private const int Timeout = Hanging.After;

    [Fact(Timeout = Timeout)]
    public async Task A_message_stays_one_where_the_writer_had_asked_for_less_room_than_it_then_needed()
    {
        const int Block = 16 * 1024;
        await using TestServer server = await TestServer.StartAsync(new SharedMemoryTransport(ApplicationScheduling.Inline, ringBytes: 1 << 20), async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            ReadResult asked = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(asked.Buffer.End);
            output.GetMemory(Block);
            output.Advance(Block);
            output.GetMemory(1);
            output.GetMemory(20_000);
            output.Advance(20_000);
            await output.FlushAsync();
            await connection.Transport.Input.ReadAsync();
        });
        using var clients = new SharedMemoryConnectionFactory();
        await using ConnectionContext client = await clients.ConnectAsync(Address(server), TestContext.Current.CancellationToken);
        await client.Transport.Output.WriteTextAsync("1");

        ReadResult message = await client.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Block + 20_000, message.Buffer.Length);
        client.Transport.Input.AdvanceTo(message.Buffer.End);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(ApplicationScheduling.Inline, "")]
    [InlineData(ApplicationScheduling.ThreadPool, "")]
    [InlineData(ApplicationScheduling.Inline, "left over")]
    [InlineData(ApplicationScheduling.ThreadPool, "left over")]
    public async Task A_read_that_is_cancelled_in_the_middle_of_a_message_sees_none_of_it_and_the_next_one_all(ApplicationScheduling scheduling, string unconsumed)
    {
        byte[] message = Payload.Of(20_000);
        var waits = new TaskCompletionSource<PipeReader>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] received = [];
        await using TestServer server = await TestServer.StartAsync(new SharedMemoryTransport(scheduling, ringBytes: 4096), async connection =>
        {
            PipeReader input = connection.Transport.Input;
            if (unconsumed.Length > 0)
            {
                ReadResult before = await input.ReadAsync();
                input.AdvanceTo(before.Buffer.Start, before.Buffer.End);
            }

            Task<ReadResult> reading = input.ReadAsync().AsTask();
            waits.SetResult(input);
            ReadResult read = await reading;
            cancelled.SetResult(read.Text());
            input.AdvanceTo(read.Buffer.End);
            read = await input.ReadAsync();
            received = read.Buffer.ToArray();
            input.AdvanceTo(read.Buffer.End);
        });
        using var clients = new SharedMemoryConnectionFactory();
        await using ConnectionContext client = await clients.ConnectAsync(Address(server), TestContext.Current.CancellationToken);
        if (unconsumed.Length > 0)
        {
            await client.Transport.Output.WriteTextAsync(unconsumed);
        }

        PipeReader waiting = await waits.Task;

        // The ring takes less than that at once: when so much has gone, the server has received a part of the message.
        int sent = SendUpTo(12_000, client, message, 0);
        waiting.CancelPendingRead();
        string seen = await cancelled.Task;
        if (sent == message.Length && seen != unconsumed)
        {
            // It took the ring's whole way in a single send, as it was received meanwhile: whole, it may be seen.
            Assert.Equal(unconsumed.Length + message.Length, seen.Length);
            return;
        }

        Assert.Equal(unconsumed, seen);
        SendUpTo(message.Length, client, message, sent);

        await server.HandledAsync();
        Payload.Same(message, received);
    }

    private static SharedMemoryEndPoint Address(TestServer server) => new(((SharedMemoryEndPoint)server.Address).Path, ApplicationScheduling.ThreadPool);

    // Each send goes on with the same message, which ends with its last byte.
    private static int SendUpTo(int count, ConnectionContext client, byte[] message, int sent)
    {
        IDirectExchange exchange = client.Features.Get<IDirectExchange>()!;
        while (sent < count)
        {
            IoResult result = exchange.Send(message.AsSpan(sent));
            exchange.Flushed();
            sent += result.Succeeded ? result.Count : 0;
            Thread.Yield();
        }

        return sent;
    }
}
