using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>Each of 100 asks until there is no room left, or for megabytes, takes no reply, and goes on to ask.</summary>
internal sealed class NeverReading : Peers
{
    // Replies to so much fill whatever is between two ends, and so does what is not read.
    private const int BytesBefore = 16 * 1024 * 1024;
    private const int TurnsInVain = 30;
    private static readonly TimeSpan BetweenTurns = TimeSpan.FromMilliseconds(50);

    private readonly Socket _nobody = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _much = new byte[64 * 1024];

    internal NeverReading()
        : base(100)
    {
        _much.AsSpan().Fill((byte)'\n');
        _nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _nobody.Listen(1000);
    }

    internal override string Name => "unread";

    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(10);

    internal override void Begin(Contender contender)
    {
        base.Begin(contender);
        Socket[] peers = Of(contender);
        Array.ForEach(peers, peer => peer.Blocking = false);
        long[] sent = new long[peers.Length];
        for (int inVain = 0; inVain < TurnsInVain;)
        {
            inVain++;
            for (int index = 0; index < peers.Length; index++)
            {
                while (sent[index] < BytesBefore && peers[index].Send(_much, 0, _much.Length, SocketFlags.None, out _) is int count and > 0)
                {
                    sent[index] += count;
                    inVain = 0;
                }
            }

            Thread.Sleep(BetweenTurns);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _nobody.Dispose();
    }

    protected override IPEndPoint AddressOf(Contender contender) => contender.Unread ?? (IPEndPoint)_nobody.LocalEndPoint!;

    // How many found room.
    protected override int Step(Contender active)
    {
        int sent = 0;
        foreach (Socket peer in Of(active))
        {
            sent += peer.Send(_much, 0, 64, SocketFlags.None, out SocketError error) > 0 ? 1 : 0;
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                throw new SocketException((int)error);
            }
        }

        return sent;
    }
}
