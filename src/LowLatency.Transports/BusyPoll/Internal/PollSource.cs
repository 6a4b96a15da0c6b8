using LowLatency.Linux;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>Something with a descriptor that a poll loop watches.</summary>
internal abstract class PollSource
{
    /// <summary>Where the loop keeps it, and since which use of that place; set by the loop.</summary>
    internal ulong Tag { get; set; }

    /// <summary>Reacts to what became of the descriptor. On the loop.</summary>
    internal abstract void OnEvents(EpollEvents events);

    /// <summary>Goes on with what <see cref="PollLoop.RunLater"/> was asked for. On the loop.</summary>
    internal virtual void OnTurn()
    {
    }

    /// <summary>The loop ends and watches no more. On the loop.</summary>
    internal abstract void OnLoopEnd();

    /// <summary>Looks for a message without being told that there is one. On the loop.</summary>
    /// <returns>Whether there was one.</returns>
    internal virtual bool TryReceive() => false;
}
