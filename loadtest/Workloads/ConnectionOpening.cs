using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>Connects a worker's connections before anything is measured, and so finds out whether the target is there.</summary>
internal sealed class ConnectionOpening(ConnectionSlot[] slots)
{
    private static readonly TimeSpan WaitBetweenLooks = TimeSpan.FromMilliseconds(1);

    /// <summary>Why the first one that failed did.</summary>
    public Errno FirstReason { get; private set; }

    /// <summary>What the target had to say to it, or the tester to the target.</summary>
    public string? FirstRefusal { get; private set; }

    /// <summary>Opens every connection, each once.</summary>
    public void OpenAll(long patience, CancellationToken interrupted) => Open(slots, patience, interrupted);

    /// <summary>Opens one connection and closes it: enough to see whether somebody is there.</summary>
    public void Probe(long patience, CancellationToken interrupted)
    {
        Open(slots[..1], patience, interrupted);
        slots[0].Connection.Close();
    }

    private void Open(ConnectionSlot[] these, long patience, CancellationToken interrupted)
    {
        long giveUpAt = Stopwatch.GetTimestamp() + patience;
        foreach (ConnectionSlot slot in these)
        {
            Look(slot, slot.Connection.Open());
        }

        while (these.Any(slot => slot.Connection.IsOpening) && !interrupted.IsCancellationRequested)
        {
            bool isOver = Stopwatch.GetTimestamp() >= giveUpAt;
            foreach (ConnectionSlot slot in these.Where(slot => slot.Connection.IsOpening))
            {
                Look(slot, isOver ? slot.Connection.Expire() : slot.Connection.Advance());
            }

            Thread.Sleep(WaitBetweenLooks);
        }
    }

    private void Look(ConnectionSlot slot, Outcome? failure)
    {
        if (failure is null)
        {
            return;
        }

        if (FirstReason == Errno.None)
        {
            FirstReason = slot.Connection.Reason;
            FirstRefusal = slot.Connection.Refusal;
        }

        slot.Connection.Close();
    }
}
