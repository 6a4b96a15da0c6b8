using LowLatency.Linux;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>Many connections by one epoll instance, either asked without pause or slept in.</summary>
internal sealed class EpollReadiness : IReadiness
{
    private const int MostEventsAtOnce = 256;

    private readonly Epoll _epoll = new();
    private readonly EpollBuffer _events;
    private readonly bool _spins;

    public EpollReadiness(int connections, IdleStrategy idle)
    {
        _events = new EpollBuffer(Math.Min(connections, MostEventsAtOnce));
        _spins = idle == IdleStrategy.Spin;
    }

    public void Add(IWire wire, int index, bool forSending)
        => Check("epoll_ctl", _epoll.TryAdd(wire.Descriptor, Interest(forSending), (ulong)index));

    public void Change(IWire wire, int index, bool forSending)
        => Check("epoll_ctl", _epoll.TryModify(wire.Descriptor, Interest(forSending), (ulong)index));

    public int Collect(int longestWaitMilliseconds)
        => _spins ? _epoll.Poll(_events) : _epoll.Wait(_events, longestWaitMilliseconds);

    public int At(int position) => (int)_events.TagAt(position);

    public void Dispose() => _epoll.Dispose();

    private static EpollEvents Interest(bool forSending) => forSending ? EpollEvents.Out : EpollEvents.In;

    private static void Check(string call, Errno error)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, error);
        }
    }
}
