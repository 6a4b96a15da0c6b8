using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>Peers that stay connected.</summary>
internal abstract class Peers(int count) : Trouble
{
    private readonly Dictionary<Contender, Socket[]> _peers = [];

    internal override void Begin(Contender contender) => _peers[contender] = [.. Enumerable.Range(0, count).Select(_ => Connect(AddressOf(contender)))];

    public override void Dispose()
    {
        foreach (Socket peer in _peers.Values.SelectMany(peers => peers))
        {
            peer.Dispose();
        }

        base.Dispose();
    }

    protected Socket[] Of(Contender contender) => _peers[contender];

    protected abstract IPEndPoint AddressOf(Contender contender);
}
