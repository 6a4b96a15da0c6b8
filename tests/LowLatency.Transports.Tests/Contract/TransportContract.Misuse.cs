using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task A_read_before_the_last_one_was_advanced_throws()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult read = await Handlers.ReadAtLeastAsync(input, 3);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await input.ReadAsync(CancellationToken.None));
            Assert.Throws<InvalidOperationException>(() => input.TryRead(out _));
            input.AdvanceTo(read.Buffer.End);
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task An_advance_without_a_read_throws()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            ReadResult read = await Handlers.ReadAtLeastAsync(input, 3);
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            Assert.Throws<InvalidOperationException>(() => input.AdvanceTo(read.Buffer.Start));
        });
        using Peer peer = await server.ConnectAsync();

        await peer.SendAsync("abc");

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Reading_after_the_reader_was_completed_throws()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeReader input = connection.Transport.Input;
            await input.CompleteAsync();
            await input.CompleteAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await input.ReadAsync(CancellationToken.None));
            Assert.Throws<InvalidOperationException>(() => input.TryRead(out _));
        });
        using Peer peer = await server.ConnectAsync();

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Writing_after_the_writer_was_completed_throws()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            await output.CompleteAsync();
            await output.CompleteAsync();
            Assert.Throws<InvalidOperationException>(() => output.GetMemory(1));
            Assert.Throws<InvalidOperationException>(() => { output.GetSpan(1); });
            await Assert.ThrowsAsync<InvalidOperationException>(() => output.WriteTextAsync("late"));
        });
        using Peer peer = await server.ConnectAsync();

        await server.HandledAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task An_advance_by_more_than_was_handed_out_throws()
    {
        await using TestServer server = await StartAsync(async connection =>
        {
            PipeWriter output = connection.Transport.Output;
            int room = output.GetMemory(1).Length;
            Assert.Throws<ArgumentOutOfRangeException>(() => output.Advance(room + 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => output.Advance(-1));
            await output.WriteTextAsync("fine");
        });
        using Peer peer = await server.ConnectAsync();

        Assert.Equal("fine", await peer.ReceiveTextAsync(4));
        await server.HandledAsync();
    }
}
