using System.Runtime.InteropServices;

namespace LowLatency.Soak.Storms;

/// <summary>One server runs at a time, and the others are stopped: they take turns that are far shorter than a machine's good and bad phases.</summary>
internal sealed partial class Turns(IReadOnlyList<Contender> contenders) : IDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;

    private volatile Contender _active = contenders[0];

    internal Contender Active => _active;

    internal void Give(Contender next)
    {
        foreach (Contender other in contenders)
        {
            if (other != next)
            {
                Send(other, Stop);
            }
        }

        Send(next, Continue);
        _active = next;
    }

    public void Dispose()
    {
        foreach (Contender contender in contenders)
        {
            _ = Kill(contender.ProcessId, Continue);
        }
    }

    private static void Send(Contender contender, int signal)
    {
        if (Kill(contender.ProcessId, signal) != 0)
        {
            throw new InvalidOperationException($"{contender.Name} has ended.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
