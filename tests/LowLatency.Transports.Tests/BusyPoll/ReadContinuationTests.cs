using System.IO.Pipelines;
using System.Net;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>An application that lives on the loop, and leaves it for a longer piece of work.</summary>
public class ReadContinuationTests
{
    [Fact]
    public async Task A_read_goes_on_where_the_application_wants_it_to_and_the_loop_serves_others_meanwhile()
    {
        using var working = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        await using TestServer server = await TestServer.StartAsync(new Inline(), async connection =>
        {
            PipeReader input = connection.Transport.Input;
            IReadContinuation continuation = connection.Features.Get<IReadContinuation>()!;
            while (true)
            {
                ReadResult read = await input.ReadAsync();
                string text = read.Text();
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                string place = Thread.CurrentThread.IsThreadPoolThread ? "pool" : "loop";
                if (text == "work" && place == "pool")
                {
                    working.Set();
                    done.Wait(TestContext.Current.CancellationToken);
                }

                continuation.OnLoop = text != "leave";
                await connection.Transport.Output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(place));
            }
        });

        using Peer peer = await server.ConnectAsync();
        using Peer other = await server.ConnectAsync();
        await UntilOnLoopAsync(peer);
        await UntilOnLoopAsync(other);
        Assert.Equal("loop", await AskAsync(peer, "leave"));
        await peer.SendAsync("work");
        working.Wait(TestContext.Current.CancellationToken);
        Assert.Equal("loop", await AskAsync(other, "stay"));
        done.Set();
        Assert.Equal("pool", await peer.ReceiveTextAsync(4));
        await UntilOnLoopAsync(peer);
    }

    // What has arrived by the time it is asked for is read where that is.
    private static async Task UntilOnLoopAsync(Peer peer)
    {
        while (await AskAsync(peer, "stay") != "loop")
        {
        }
    }

    private static async Task<string> AskAsync(Peer peer, string text)
    {
        await peer.SendAsync(text);
        return await peer.ReceiveTextAsync(4);
    }

    private sealed class Inline : TestTransport
    {
        internal override void Use(IWebHostBuilder builder) => builder.UseBusyPoll();

        internal override EndPoint NewEndPoint() => new BusyPollEndPoint(new IPEndPoint(IPAddress.Loopback, 0));
    }
}
