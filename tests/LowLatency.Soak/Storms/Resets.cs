using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>A thousand connections a second that are reset as soon as they are made.</summary>
internal sealed class Resets : Trouble
{
    private const int PerSecond = 1000;
    private readonly Stopwatch _clock = new();
    private int _sent;

    internal override string Name => "resets";

    protected override int Step(Contender active)
    {
        _clock.Start();
        int before = _sent;
        for (; _sent < _clock.Elapsed.TotalSeconds * PerSecond; _sent++)
        {
            Reset(active.Server);
        }

        return _sent - before;
    }

    // Over loopback it is made within the call. A call that waited for that would wait for the CPU as well, which the measuring thread has.
    private static void Reset(IPEndPoint server)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            Blocking = false,
            LingerState = new LingerOption(true, 0),
        };
        try
        {
            socket.Connect(server);
        }
        catch (SocketException underWay) when (underWay.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }
    }
}
