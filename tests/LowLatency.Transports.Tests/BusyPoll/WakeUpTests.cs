using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Polling;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>A loop that sleeps is woken by whatever there is to do, every time.</summary>
public sealed class WakeUpTests
{
    private const int Timeout = Hanging.After;

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Blocking, 0)]
    [InlineData(WaitStrategy.Adaptive, 0)]
    [InlineData(WaitStrategy.Adaptive, 1)]
    public async Task No_post_is_lost_on_a_loop_that_falls_asleep_all_the_time(WaitStrategy strategy, int spinMilliseconds)
    {
        const int Posters = 4;
        const int PostsEach = 2000;
        using PollLoop loop = NewLoop(strategy, spinMilliseconds);

        // Each waits for its own post before the next one: in between the loop has every reason to sleep.
        await Task.WhenAll(Enumerable.Range(0, Posters).Select(_ => Task.Run(async () =>
        {
            for (int post = 0; post < PostsEach; post++)
            {
                var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                loop.Post(static ran => ((TaskCompletionSource)ran!).SetResult(), ran);
                await ran.Task;
            }
        })));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Blocking)]
    [InlineData(WaitStrategy.Adaptive)]
    public async Task No_message_and_no_connection_is_lost_on_a_loop_that_falls_asleep_all_the_time(WaitStrategy strategy)
    {
        var transport = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options =>
        {
            options.WaitStrategy = strategy;
            options.SpinFor = TimeSpan.FromTicks(1);
        });
        await using TestServer server = await TestServer.StartAsync(transport, Handlers.EchoAsync);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int connection = 0; connection < 50; connection++)
            {
                using Peer peer = await server.ConnectAsync();
                for (int message = 0; message < 20; message++)
                {
                    await peer.SendAsync("abc");
                    Assert.Equal("abc", await peer.ReceiveTextAsync(3));
                }
            }
        })));
    }

    [Fact(Timeout = Timeout)]
    public async Task What_is_posted_to_a_loop_that_has_ended_runs_all_the_same()
    {
        for (int round = 0; round < 50; round++)
        {
            PollLoop loop = NewLoop(WaitStrategy.Blocking, 0);
            int ran = 0;
            Task posting = Task.Run(() =>
            {
                for (int post = 0; post < 200; post++)
                {
                    loop.Post(_ => Interlocked.Increment(ref ran), null);
                }
            }, TestContext.Current.CancellationToken);
            loop.Dispose();
            await posting;

            await Eventually.IsTrue(() => Volatile.Read(ref ran) == 200, () => $"{ran} of 200 ran.");
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Connections_are_spread_over_the_loops()
    {
        var threads = new HashSet<string?>();
        var transport = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => (options.Loops, options.WaitStrategy) = (2, WaitStrategy.Blocking));
        await using TestServer server = await TestServer.StartAsync(transport, async connection =>
        {
            while (true)
            {
                ReadResult read = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                bool isOnLoop = Thread.CurrentThread.Name?.StartsWith("LowLatency ", StringComparison.Ordinal) == true;
                if (isOnLoop)
                {
                    lock (threads)
                    {
                        threads.Add(Thread.CurrentThread.Name);
                    }
                }

                await connection.Transport.Output.WriteTextAsync(isOnLoop ? "on" : "no");
            }
        });
        for (int client = 0; client < 4; client++)
        {
            // What comes soon is read on the thread that starts the connection; from the first read on that has to wait, on the loop.
            using Peer peer = await server.ConnectAsync();
            do
            {
                await peer.SendAsync("a");
            }
            while (await peer.ReceiveTextAsync(2) != "on");
        }

        Assert.Contains("LowLatency 0", threads);
        Assert.Contains("LowLatency 1", threads);
    }

    private static PollLoop NewLoop(WaitStrategy strategy, int spinMilliseconds)
    {
        var options = new BusyPollTransportOptions { SpinFor = TimeSpan.FromMilliseconds(spinMilliseconds) };
        return new PollLoop("test loop", strategy, options, cpusAreScarce: true, setUpThread: static () => { }, NullLogger.Instance);
    }
}
