using System.IO.Pipes;
using System.Runtime.CompilerServices;
using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>A descriptor arrives with its bytes, and none is left behind by those that nobody asked for.</summary>
public sealed class DescriptorPassingTests : IDisposable
{
    private readonly UnixPair _pair = new();
    private readonly byte[] _buffer = new byte[64];

    [Fact]
    public unsafe void Headers_are_as_the_kernel_reads_them()
    {
        Assert.Equal(56, Unsafe.SizeOf<Libc.MessageHeader>());
        Assert.Equal(16, Unsafe.SizeOf<Libc.ControlHeader>());
        Libc.MessageHeader header;
        byte* start = (byte*)&header;
        Assert.Equal(
            [16, 24, 32, 40, 48],
            new[]
            {
                (byte*)&header.Vectors - start, (byte*)&header.VectorCount - start, (byte*)&header.Control - start,
                (byte*)&header.ControlLength - start, (byte*)&header.Flags - start,
            });
    }

    [Fact]
    public unsafe void Memory_that_was_sent_is_shared()
    {
        int page = Environment.SystemPageSize;
        Assert.Equal(Errno.None, MemoryFile.TryCreate("test", page, out MemoryFile? sent));
        Assert.Equal(Errno.None, MemoryMapping.TryMap(sent!, [new(0, page)], out MemoryMapping? mine));
        Assert.Equal(5, _pair.Server.SendWithDescriptor("hello"u8, sent!).Count);
        sent!.Dispose();

        Assert.Equal(5, _pair.Client.ReceiveWithDescriptor(_buffer, out ReceivedDescriptors descriptors).Count);
        Assert.Equal("hello"u8.ToArray(), _buffer[..5]);
        Assert.True(descriptors.IsOne);
        using var received = MemoryFile.Own(descriptors.First);
        Assert.Equal(Errno.None, MemoryMapping.TryMap(received, [new(0, page)], out MemoryMapping? theirs));
        mine!.Start[0] = 42;
        Assert.Equal(42, theirs!.Start[0]);
        mine.Dispose();
        theirs.Dispose();
    }

    [Fact]
    public void A_descriptor_that_was_received_is_closed_on_exec()
    {
        using var file = new EventFile();
        _pair.Server.SendWithDescriptor([1], file);
        _pair.Client.ReceiveWithDescriptor(_buffer, out ReceivedDescriptors descriptors);
        using var received = MemoryFile.Own(descriptors.First);
        string flags = File.ReadLines($"/proc/self/fdinfo/{received.Descriptor}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.NotEqual(0, Convert.ToInt32(flags[6..].Trim(), 8) & 0x80000);
    }

    [Fact]
    public void Bytes_may_come_alone()
    {
        _pair.Server.Send([1, 2]);
        Assert.Equal(2, _pair.Client.ReceiveWithDescriptor(_buffer, out ReceivedDescriptors descriptors).Count);
        Assert.Equal(ReceivedDescriptors.None, descriptors);
        _pair.Server.Send([3]);
        Assert.Equal(1, _pair.Client.ReceiveWithoutDescriptors(_buffer, out bool dropped).Count);
        Assert.False(dropped);
    }

    [Fact]
    public void Each_of_two_sends_keeps_its_own_descriptor()
    {
        using var file = new EventFile();
        _pair.Server.SendWithDescriptor([1], file);
        _pair.Server.SendWithDescriptor([2], file);
        for (byte turn = 1; turn <= 2; turn++)
        {
            Assert.Equal(1, _pair.Client.ReceiveWithDescriptor(_buffer, out ReceivedDescriptors descriptors).Count);
            Assert.Equal(turn, _buffer[0]);
            Assert.True(descriptors.IsOne);
            MemoryFile.Own(descriptors.First).Dispose();
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(DescriptorPassing.MostDescriptors)]
    public void All_but_the_first_of_many_are_closed(int count)
    {
        using var pipe = new WatchedPipe();
        _pair.Server.SendWithDescriptors([1], [.. Enumerable.Repeat(pipe.WriteEnd, count)]);
        pipe.CloseWriteEnd();

        Assert.Equal(1, _pair.Client.ReceiveWithDescriptor(_buffer, out ReceivedDescriptors descriptors).Count);
        Assert.Equal((count, false, false), (descriptors.Count, descriptors.Truncated, descriptors.IsOne));
        Assert.False(pipe.IsAbandoned(timeoutMilliseconds: 0));
        MemoryFile.Own(descriptors.First).Dispose();
        Assert.True(pipe.IsAbandoned(timeoutMilliseconds: 30_000));
    }

    [Fact]
    public void Where_none_is_expected_none_is_kept_and_it_is_told()
    {
        using var pipe = new WatchedPipe();
        _pair.Server.SendWithDescriptors([1], [pipe.WriteEnd, pipe.WriteEnd, pipe.WriteEnd]);
        pipe.CloseWriteEnd();
        Assert.Equal(1, _pair.Client.ReceiveWithoutDescriptors(_buffer, out bool dropped).Count);
        Assert.True(dropped);
        Assert.True(pipe.IsAbandoned(timeoutMilliseconds: 30_000));
    }

    [Fact]
    public void A_plain_receive_keeps_none_either()
    {
        using var pipe = new WatchedPipe();
        _pair.Server.SendWithDescriptors([1], [pipe.WriteEnd, pipe.WriteEnd, pipe.WriteEnd]);
        pipe.CloseWriteEnd();
        Assert.Equal(1, _pair.Client.Receive(_buffer).Count);
        Assert.True(pipe.IsAbandoned(timeoutMilliseconds: 30_000));
    }

    [Fact]
    public void Nothing_there_and_the_end_are_told_apart()
    {
        Assert.True(_pair.Client.ReceiveWithDescriptor(_buffer, out ReceivedDescriptors descriptors).WouldBlock);
        Assert.Equal(ReceivedDescriptors.None, descriptors);
        Assert.True(_pair.Client.ReceiveWithoutDescriptors(_buffer, out _).WouldBlock);
        _pair.Server.Dispose();
        Assert.Equal(IoResult.Done(0), _pair.Client.ReceiveWithDescriptor(_buffer, out descriptors));
        Assert.Equal(ReceivedDescriptors.None, descriptors);
        Assert.Equal(IoResult.Done(0), _pair.Client.ReceiveWithoutDescriptors(_buffer, out _));
    }

    [Fact]
    public void A_peer_that_is_gone_is_an_error_number_and_no_signal()
    {
        using var file = new EventFile();
        _pair.Client.Dispose();
        Assert.Equal(Errno.BrokenPipe, _pair.Server.SendWithDescriptor([1], file).Error);
    }

    [Fact]
    public void A_descriptor_does_not_travel_alone()
    {
        using var file = new EventFile();
        Assert.Throws<ArgumentOutOfRangeException>(() => _pair.Server.SendWithDescriptor([], file));
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>A pipe that tells when the last copy of its write end has been closed, in whatever process or queue it was.</summary>
    private sealed class WatchedPipe : IDisposable
    {
        private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In);
        private readonly Epoll _epoll = new();

        internal WatchedPipe()
            => Assert.Equal(Errno.None, _epoll.TryAdd((int)_pipe.SafePipeHandle.DangerousGetHandle(), EpollEvents.None, 0));

        internal int WriteEnd => (int)_pipe.ClientSafePipeHandle.DangerousGetHandle();

        internal void CloseWriteEnd() => _pipe.DisposeLocalCopyOfClientHandle();

        internal bool IsAbandoned(int timeoutMilliseconds)
        {
            var buffer = new EpollBuffer(1);
            return _epoll.Wait(buffer, timeoutMilliseconds) == 1 && buffer.EventsAt(0) == EpollEvents.HangUp;
        }

        public void Dispose()
        {
            _epoll.Dispose();
            _pipe.Dispose();
        }
    }
}
