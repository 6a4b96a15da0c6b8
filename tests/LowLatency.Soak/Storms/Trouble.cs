using System.Net;
using System.Net.Sockets;

namespace LowLatency.Soak.Storms;

/// <summary>What goes on beside the client that is measured.</summary>
internal abstract class Trouble : IDisposable
{
    private int _happened;

    /// <summary>What the figures beside it are called.</summary>
    internal abstract string Name { get; }

    /// <summary>How often it happened to the first contender, which is the one that minds.</summary>
    internal int Happened => _happened;

    /// <summary>Between two steps.</summary>
    protected virtual TimeSpan Pause => TimeSpan.FromMilliseconds(1);

    /// <summary>What is there before anything is measured. In the contender's turn.</summary>
    internal virtual void Begin(Contender contender)
    {
    }

    /// <summary>Troubles whoever has the turn, until the end.</summary>
    internal Task RunAsync(Turns turns, Contender first, CancellationToken end) => Task.Factory.StartNew(
        () =>
        {
            while (!end.IsCancellationRequested)
            {
                Contender active = turns.Active;
                int happened = Step(active);
                if (active == first)
                {
                    _happened += happened;
                }

                Thread.Sleep(Pause);
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    public virtual void Dispose()
    {
    }

    /// <returns>How often it happened.</returns>
    protected abstract int Step(Contender active);

    protected static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        return socket;
    }
}
