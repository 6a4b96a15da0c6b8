using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>A signal wakes a sleeper once, however often it was given.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly EventFile _file = new();
    private readonly EpollBuffer _buffer = new(1);

    public EventFileTests() => _epoll.TryAdd(_file.Descriptor, EpollEvents.In, 0);

    [Fact]
    public void Signals_add_up_to_one_and_are_cleared_together()
    {
        Assert.Equal(0, _epoll.Poll(_buffer));
        _file.Signal();
        _file.Signal();
        Assert.Equal(1, _epoll.Poll(_buffer));
        _file.Clear();
        Assert.Equal(0, _epoll.Poll(_buffer));
    }

    [Fact]
    public void Clearing_what_was_not_signalled_does_not_wait()
    {
        _file.Clear();
        _file.Signal();
        Assert.Equal(1, _epoll.Poll(_buffer));
    }

    [Fact]
    public void A_signal_wakes_a_thread_that_sleeps()
    {
        int events = 0;
        var sleeper = new Thread(() => events = _epoll.Wait(_buffer, -1));
        sleeper.Start();
        _file.Signal();
        Assert.True(sleeper.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, events);
    }

    public void Dispose()
    {
        _file.Dispose();
        _epoll.Dispose();
    }
}
