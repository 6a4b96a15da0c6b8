using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Model;

/// <summary>Random walks over the two pipe ends, held against the plain stream of bytes.</summary>
public sealed class PipeModelTests
{
    private const int Timeout = Hanging.After;

    public static TheoryData<AddressFamily, ApplicationScheduling, int> Walks()
    {
        var walks = new TheoryData<AddressFamily, ApplicationScheduling, int>();
        foreach (AddressFamily family in new[] { AddressFamily.InterNetwork, AddressFamily.Unix })
        {
            foreach (ApplicationScheduling scheduling in Enum.GetValues<ApplicationScheduling>())
            {
                for (int seed = 1; seed <= 4; seed++)
                {
                    walks.Add(family, scheduling, seed);
                }
            }
        }

        return walks;
    }

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Walks))]
    public async Task A_reader_sees_the_stream_whatever_it_consumes_examines_and_cancels(AddressFamily family, ApplicationScheduling scheduling, int seed)
    {
        byte[] stream = Payload.Of(3_000_000, seed);
        await using TestServer server = await TestServer.StartAsync(new BusyPollTransport(family, scheduling), connection => ReadAsync(connection, stream, new Random(seed)));
        using Peer peer = await server.ConnectAsync();

        var random = new Random(-seed);
        for (int sent = 0; sent < stream.Length;)
        {
            int count = Math.Min(RandomLength(random), stream.Length - sent);
            await peer.SendAsync(stream.AsMemory(sent, count));
            sent += count;
            await PauseAsync(random);
        }

        peer.ShutdownSend();
        await server.HandledAsync();
        Assert.Empty(server.Logs.Warnings);
    }

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Walks))]
    public async Task A_writer_produces_the_stream_whatever_it_flushes_and_cancels(AddressFamily family, ApplicationScheduling scheduling, int seed)
    {
        byte[] stream = Payload.Of(12_000_000, seed);
        await using TestServer server = await TestServer.StartAsync(new BusyPollTransport(family, scheduling), connection => WriteAsync(connection, stream, new Random(seed)));
        using Peer peer = await server.ConnectAsync();

        var random = new Random(-seed);
        byte[] buffer = new byte[200_000];
        int received = 0;
        while (await peer.ReceiveAsync(buffer.AsMemory(0, RandomLength(random))) is int count and > 0)
        {
            Payload.Same(stream.AsMemory(received, count), buffer.AsMemory(0, count));
            received += count;
            await PauseAsync(random);
        }

        Assert.Equal(stream.Length, received);
        await server.HandledAsync();
        Assert.Empty(server.Logs.Warnings);
    }

    private static async Task ReadAsync(ConnectionContext connection, byte[] stream, Random random)
    {
        PipeReader input = connection.Transport.Input;
        int consumed = 0;
        long unexamined = 0;
        int cancellationsOwed = 0;
        while (true)
        {
            await PauseAsync(random);
            if (random.Next(10) == 0)
            {
                cancellationsOwed = 1;
                if (random.Next(2) == 0)
                {
                    input.CancelPendingRead();
                }
                else
                {
                    ThreadPool.UnsafeQueueUserWorkItem(static input => input.CancelPendingRead(), input, preferLocal: false);
                }
            }

            using var cancellation = new CancellationTokenSource();
            if (random.Next(10) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), cancellation, preferLocal: false);
            }

            ReadResult read;
            try
            {
                ValueTask<ReadResult> reading = input.ReadAsync(cancellation.Token);
                Assert.True(unexamined == 0 || reading.IsCompleted, "A read waits although something is unexamined.");
                read = await reading;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                continue;
            }

            Assert.True(!read.IsCanceled || cancellationsOwed > 0, "A read was cancelled and nobody asked for it.");
            int length = (int)read.Buffer.Length;
            Payload.Same(stream.AsMemory(consumed, length), read.Buffer.ToArray());
            if (read.IsCompleted && !read.IsCanceled && consumed + length == stream.Length && random.Next(2) == 0)
            {
                input.AdvanceTo(read.Buffer.End);
                return;
            }

            // A reader that only ever looks holds more and more: it takes everything now and then.
            int take = random.Next(4) switch
            {
                0 => 0,
                1 => random.Next(length + 1),
                _ => length,
            };
            int examine = length > 200_000 ? length : random.Next(take, length + 1);
            input.AdvanceTo(read.Buffer.GetPosition(take), read.Buffer.GetPosition(examine));
            consumed += take;
            unexamined = length - examine;
        }
    }

    private static async Task WriteAsync(ConnectionContext connection, byte[] stream, Random random)
    {
        PipeWriter output = connection.Transport.Output;
        int written = 0;
        while (written < stream.Length)
        {
            for (int pieces = random.Next(1, 4); pieces > 0 && written < stream.Length; pieces--)
            {
                int count = Math.Min(RandomLength(random), stream.Length - written);
                stream.AsSpan(written, count).CopyTo(output.GetSpan(count));
                output.Advance(count);
                written += count;
            }

            await PauseAsync(random);
            using var cancellation = new CancellationTokenSource();
            switch (random.Next(10))
            {
                case 0:
                    output.CancelPendingFlush();
                    break;

                case 1:
                    ThreadPool.UnsafeQueueUserWorkItem(static output => output.CancelPendingFlush(), output, preferLocal: false);
                    break;

                case 2:
                    ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), cancellation, preferLocal: false);
                    break;
            }

            try
            {
                await output.FlushAsync(cancellation.Token);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
            }
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The operation was faster.
        }
    }

    private static int RandomLength(Random random) => random.Next(4) switch
    {
        0 => 1,
        1 => random.Next(1, 100),
        2 => random.Next(1, 20_000),
        _ => random.Next(1, 150_000),
    };

    private static async Task PauseAsync(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                await Task.Yield();
                break;

            case 1:
                await Task.Run(static () => Thread.SpinWait(200));
                break;
        }
    }
}
