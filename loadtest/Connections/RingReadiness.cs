using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>Every connection counts as ready: a look at a ring costs less than asking anybody about it.</summary>
/// <remarks>
/// While connections attach, it sleeps until the first of them has, or a millisecond: a worker that spins may be on the very
/// CPU that the handshake needs.
/// </remarks>
internal sealed class RingReadiness(int connections, IdleStrategy idle) : IReadiness
{
    private const int HandshakeMilliseconds = 1;

    private readonly IRingWire?[] _watched = new IRingWire?[connections];
    private readonly List<Task> _attaching = [];
    private readonly List<Task> _moving = [];

    public void Add(IWire wire, int index, bool forSending)
    {
        var ring = (IRingWire)wire;
        _watched[index] = ring;
        if (!ring.Attached.IsCompleted)
        {
            _attaching.Add(ring.Attached);
        }
    }

    public void Change(IWire wire, int index, bool forSending) => _watched[index] = (IRingWire)wire;

    public bool HasSlept { get; private set; }

    public int Collect(int longestWaitMilliseconds)
    {
        HasSlept = _attaching.Count > 0 && _attaching.RemoveAll(static handshake => handshake.IsCompleted) == 0;
        if (HasSlept)
        {
            Sleep(_attaching, HandshakeMilliseconds);
        }
        else if (idle == IdleStrategy.Block && longestWaitMilliseconds > 0)
        {
            SleepUntilSomethingMoves(longestWaitMilliseconds);
        }

        return connections;
    }

    public int At(int position) => position;

    public void Dispose()
    {
    }

    private void SleepUntilSomethingMoves(int milliseconds)
    {
        _moving.Clear();
        foreach (IRingWire? wire in _watched)
        {
            if (wire is PipedRingWire { Moved: Task moved })
            {
                _moving.Add(moved);
            }
        }

        if (_moving.Count > 0)
        {
            Sleep(_moving, milliseconds);
        }
        else
        {
            Thread.Sleep(milliseconds);
        }
    }

    private static void Sleep(List<Task> tasks, int milliseconds) => Task.WaitAny([.. tasks], milliseconds);
}
