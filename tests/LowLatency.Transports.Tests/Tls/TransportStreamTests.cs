using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.Tls.Internal;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Tls;

/// <summary>What SslStream reads from.</summary>
public sealed class TransportStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_cancelled_read_is_the_end_whatever_came_with_it_and_however_much_room_it_had(int room)
    {
        var arriving = new Pipe();
        await using var connection = new DefaultConnectionContext { Transport = new Duplex(arriving.Reader, new Pipe().Writer) };
        await using var stream = new TransportStream(connection);
        await arriving.Writer.WriteAsync("bytes"u8.ToArray(), TestContext.Current.CancellationToken);
        arriving.Reader.CancelPendingRead();

        Assert.Equal(0, await stream.ReadAsync(new byte[room], TestContext.Current.CancellationToken));
        Assert.Equal(0, await stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Asked_to_end_it_gives_what_has_arrived_and_no_more_however_much_room_it_had(bool asksWithoutRoomFirst)
    {
        var arriving = new Pipe();
        await using var connection = new DefaultConnectionContext { Transport = new Duplex(arriving.Reader, new Pipe().Writer) };
        await using var stream = new TransportStream(connection);
        ValueTask<int> pending = stream.ReadAsync(new byte[asksWithoutRoomFirst ? 0 : 3], TestContext.Current.CancellationToken);
        Assert.False(pending.IsCompleted);
        arriving.Writer.Write("bytes"u8);
        stream.EndBehindWhatHasArrived();
        await arriving.Writer.FlushAsync(TestContext.Current.CancellationToken);

        byte[] all = new byte[10];
        int count = await pending;
        for (int read = -1; read != 0; count += read)
        {
            read = await stream.ReadAsync(all, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await stream.ReadAsync(all, TestContext.Current.CancellationToken));
        await arriving.Writer.WriteAsync("later"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(0, await stream.ReadAsync(all, TestContext.Current.CancellationToken));
        Assert.Equal("bytes".Length, count);
    }

    [Fact]
    public async Task Asked_to_end_it_ends_also_for_a_peer_that_sends_without_end()
    {
        await using var connection = new DefaultConnectionContext { Transport = new Duplex(new Endless(), new Pipe().Writer) };
        await using var stream = new TransportStream(connection);
        stream.EndBehindWhatHasArrived();
        int reads = 0;
        for (; await stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken) > 0; reads++)
        {
            Assert.InRange(reads, 0, 10_000);
        }

        Assert.InRange(reads, 100, 10_000);
    }

    private sealed class Endless : PipeReader
    {
        private bool _cancelled;

        public override void CancelPendingRead() => _cancelled = true;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            Assert.True(TryRead(out ReadResult read));
            return ValueTask.FromResult(read);
        }

        public override bool TryRead(out ReadResult result)
        {
            result = new ReadResult(new ReadOnlySequence<byte>(new byte[10]), _cancelled, isCompleted: false);
            _cancelled = false;
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
