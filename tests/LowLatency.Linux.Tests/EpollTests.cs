using System.Runtime.InteropServices;
using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>Events come back with the tags they were registered by, whatever the architecture packs them to.</summary>
public sealed class EpollTests
{
    private const ulong FirstTag = 0x1122_3344_5566_7788;
    private const ulong SecondTag = ulong.MaxValue;

    [Fact]
    public void An_event_is_as_long_as_the_kernel_packs_it()
    {
        bool packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        Assert.Equal(packed ? (12, 4) : (16, 8), (EpollBuffer.Stride, EpollBuffer.TagOffset));
        Assert.True(EpollBuffer.Stride <= EpollBuffer.MaximumStride);
    }

    [Fact]
    public void Events_that_come_together_keep_their_tags_apart()
    {
        using var epoll = new Epoll();
        using var first = new EventFile();
        using var second = new EventFile();
        var buffer = new EpollBuffer(8);
        Assert.Equal(Errno.None, epoll.TryAdd(first.Descriptor, EpollEvents.In, FirstTag));
        Assert.Equal(Errno.None, epoll.TryAdd(second.Descriptor, EpollEvents.In, SecondTag));
        Assert.Equal(0, epoll.Poll(buffer));
        first.Signal();
        second.Signal();

        Assert.Equal(2, epoll.Poll(buffer));
        Assert.Equal([FirstTag, SecondTag], new[] { buffer.TagAt(0), buffer.TagAt(1) }.Order());
        Assert.Equal((EpollEvents.In, EpollEvents.In), (buffer.EventsAt(0), buffer.EventsAt(1)));
    }

    [Fact]
    public void A_full_buffer_leaves_the_rest_for_the_next_poll()
    {
        using var epoll = new Epoll();
        using var first = new EventFile();
        using var second = new EventFile();
        var buffer = new EpollBuffer(1);
        epoll.TryAdd(first.Descriptor, EpollEvents.In, FirstTag);
        epoll.TryAdd(second.Descriptor, EpollEvents.In, SecondTag);
        first.Signal();
        second.Signal();

        var tags = new List<ulong>();
        for (int poll = 0; poll < 2; poll++)
        {
            Assert.Equal(1, epoll.Wait(buffer, -1));
            tags.Add(buffer.TagAt(0));
            (tags[^1] == FirstTag ? first : second).Clear();
        }

        Assert.Equal([FirstTag, SecondTag], tags.Order());
    }

    [Fact]
    public void Interest_can_change_and_end()
    {
        using var epoll = new Epoll();
        using var file = new EventFile();
        var buffer = new EpollBuffer(1);
        epoll.TryAdd(file.Descriptor, EpollEvents.None, FirstTag);
        file.Signal();
        Assert.Equal(0, epoll.Poll(buffer));
        Assert.Equal(Errno.None, epoll.TryModify(file.Descriptor, EpollEvents.In, SecondTag));
        Assert.Equal(1, epoll.Poll(buffer));
        Assert.Equal(SecondTag, buffer.TagAt(0));
        Assert.Equal(Errno.None, epoll.TryRemove(file.Descriptor));
        Assert.Equal(0, epoll.Poll(buffer));
    }

    [Fact]
    public void What_the_kernel_refuses_is_an_error_number()
    {
        using var epoll = new Epoll();
        using var file = new EventFile();
        Assert.Equal(Errno.NoEntry, epoll.TryRemove(file.Descriptor));
        epoll.TryAdd(file.Descriptor, EpollEvents.In, FirstTag);
        Assert.Equal(Errno.Exists, epoll.TryAdd(file.Descriptor, EpollEvents.In, FirstTag));
    }

    [Fact]
    public void A_place_outside_the_buffer_is_refused()
    {
        var buffer = new EpollBuffer(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.TagAt(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.EventsAt(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EpollBuffer(0));
    }
}
