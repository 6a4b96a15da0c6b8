using LowLatency.Linux;

namespace LowLatency.Transports.Polling;

/// <summary>Something with a descriptor that a poll loop watches.</summary>
internal abstract class PollSource
{
    /// <summary>Where the loop keeps it, and since which use of that place; set by the loop.</summary>
    internal ulong Tag { get; set; }

    /// <summary>Has been asked to go on in the next round; set by the loop.</summary>
    internal bool IsDue { get; set; }

    /// <summary>An event of this source will be handled soon: has the CPU fetch the objects that it holds. On the loop.</summary>
    internal virtual void PrefetchParts()
    {
    }

    /// <summary>An event of this source comes next: has the CPU fetch what waits for it. On the loop, after <see cref="PrefetchParts"/>.</summary>
    internal virtual void PrefetchApplication()
    {
    }

    /// <summary>Reacts to what became of the descriptor. On the loop.</summary>
    internal abstract void OnEvents(EpollEvents events);

    /// <summary>Goes on with what <see cref="PollLoop.RunLater"/> was asked for. On the loop.</summary>
    internal virtual void OnTurn()
    {
    }

    /// <summary>Is looked at from now on without being asked for: epoll need not watch it. On the loop.</summary>
    /// <returns>Whether that makes sense for this source, now.</returns>
    internal virtual bool BecomeFavourite() => false;

    /// <summary>Is to be watched by epoll again. On the loop.</summary>
    internal virtual void CeaseToBeFavourite()
    {
    }

    /// <summary>The loop ends and watches no more. On the loop.</summary>
    internal abstract void OnLoopEnd();

    /// <summary>Asks to be woken by what a look would find, if it comes while the loop sleeps. On the loop, for sources that it spins on.</summary>
    /// <returns>Whether there is something already: the loop then does not sleep.</returns>
    internal virtual bool PrepareToSleep() => false;

    /// <summary>The loop is awake, and looks again. On the loop.</summary>
    internal virtual void Awake()
    {
    }

    /// <summary>Looks for a message without being told that there is one. On the loop.</summary>
    internal virtual LookResult Look() => LookResult.NotLooking;
}
