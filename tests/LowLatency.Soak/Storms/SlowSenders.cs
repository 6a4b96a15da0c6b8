using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>Each of 500 sends a byte twice a second, and never ends its message.</summary>
internal sealed class SlowSenders() : Peers(500)
{
    private const int AtOnce = 50;
    private static readonly byte[] Letter = "x"u8.ToArray();
    private int _next;

    internal override string Name => "slow";

    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(50);

    protected override IPEndPoint AddressOf(Contender contender) => contender.Slow;

    protected override int Step(Contender active)
    {
        Socket[] peers = Of(active);
        for (int sent = 0; sent < AtOnce; sent++)
        {
            peers[_next++ % peers.Length].Send(Letter);
        }

        return AtOnce;
    }
}
