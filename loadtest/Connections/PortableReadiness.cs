using System.Net.Sockets;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Connections;

/// <summary>Every connection counts as ready; one that sleeps does so until any socket has bytes or room.</summary>
/// <remarks>Trades speed for portability: the sleep allocates, and each look costs a system call per connection.</remarks>
internal sealed class PortableReadiness(int connections, IdleStrategy idle) : IReadiness
{
    private readonly (Socket? Socket, bool ForSending)[] _watched = new (Socket?, bool)[connections];

    public void Add(IWire wire, int index, bool forSending) => _watched[index] = (((SocketWire)wire).Socket, forSending);

    public void Change(IWire wire, int index, bool forSending) => Add(wire, index, forSending);

    public int Collect(int longestWaitMilliseconds)
    {
        if (idle == IdleStrategy.Block && longestWaitMilliseconds > 0)
        {
            Sleep(longestWaitMilliseconds);
        }

        return _watched.Length;
    }

    public int At(int position) => position;

    public void Dispose()
    {
    }

    private void Sleep(int milliseconds)
    {
        var receivers = new List<Socket>();
        var senders = new List<Socket>();
        foreach ((Socket? socket, bool forSending) in _watched)
        {
            if (socket is { SafeHandle.IsClosed: false })
            {
                (forSending ? senders : receivers).Add(socket);
            }
        }

        if (receivers.Count + senders.Count == 0)
        {
            Thread.Sleep(milliseconds);
            return;
        }

        Socket.Select(receivers, senders, null, TimeSpan.FromMilliseconds(milliseconds));
    }
}
