using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Behind the end of its loop a connection gets no events and no turns: whoever still uses it is told at once.</summary>
public sealed class EndedLoopTests
{
    private const int Timeout = Hanging.After;

    [Theory(Timeout = Timeout)]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.Unix)]
    public async Task A_flush_that_waits_as_the_loop_ends_completes(AddressFamily family)
    {
        using var pair = new SocketConnectionPair(family);
        (_, Task<FlushResult> pending) = Handlers.WriteUntilFlushWaits(
            pair.Server.Writer, new byte[64 * 1024 * 1024], cancellationToken: TestContext.Current.CancellationToken);

        pair.Loop.Dispose();

        Assert.True((await pending).IsCompleted);
        await pair.Server.DisposeAsync();
        Assert.True(pair.IsClosed);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.Unix)]
    public async Task Flushes_behind_the_end_of_the_loop_do_not_wait_for_it(AddressFamily family)
    {
        using var pair = new SocketConnectionPair(family, afterTheEnd: true);
        FlushResult flushed = default;
        while (!flushed.IsCompleted)
        {
            flushed = await pair.Server.Writer.WriteAsync(new byte[32 * 1024], TestContext.Current.CancellationToken);
        }

        await pair.Server.DisposeAsync();
        Assert.True(pair.IsClosed);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(AddressFamily.InterNetwork, "")]
    [InlineData(AddressFamily.InterNetwork, "unread")]
    [InlineData(AddressFamily.Unix, "")]
    [InlineData(AddressFamily.Unix, "unread")]
    public async Task A_connection_behind_the_end_of_the_loop_gives_its_descriptor_back(AddressFamily family, string unread)
    {
        using var pair = new SocketConnectionPair(family, afterTheEnd: true);
        if (unread.Length > 0)
        {
            pair.Client.Send(System.Text.Encoding.ASCII.GetBytes(unread));
        }

        await pair.Server.Writer.WriteTextAsync("bye");
        await pair.Server.DisposeAsync();

        Assert.True(pair.IsClosed);
    }
}
