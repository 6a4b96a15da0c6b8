using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using LowLatency.Linux;

namespace LowLatency.Transports.Polling;

/// <summary>How other threads reach a loop: they leave something to run, and ring if it sleeps.</summary>
/// <remarks>
/// <para>
/// Sleeping: the loop sets <see cref="_sleeping"/>, fences, and looks at the posts once more; a poster posts, fences, and
/// looks at the flag. One of the two sees the other, so no wake-up is lost.
/// </para>
/// <para>
/// The end: the loop sets <see cref="_ended"/>, fences, and runs the posts once more. What is posted later runs where it is
/// posted, or where another post is being run just then (<see cref="_postsAfterTheEnd"/>): one at a time, and nobody waits for
/// a loop that is gone, nor, with a lock in hand, for another poster.
/// </para>
/// </remarks>
internal sealed class LoopPosts : IDisposable
{
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _posts = new();
    private readonly EventFile _bell = new();
    private int _posted;
    private int _postsAfterTheEnd;
    private volatile int _sleeping;
    private volatile bool _ended;

    /// <summary>Becomes readable when a loop that sleeps is rung for.</summary>
    internal int BellDescriptor => _bell.Descriptor;

    /// <summary>Something was posted since the last run, or may have been.</summary>
    internal bool Any => Volatile.Read(ref _posted) != 0;

    // ---- From any thread ----

    /// <summary>Has the loop run something, soon.</summary>
    internal void Post(Action<object?> action, object? state)
    {
        _posts.Enqueue((action, state));
        Volatile.Write(ref _posted, 1);

        // Pairs with the fences in FallAsleep and End.
        Interlocked.MemoryBarrier();
        if (_sleeping != 0)
        {
            _bell.Signal();
        }
        else if (_ended)
        {
            RunAfterTheEnd();
        }
    }

    /// <summary>Has a loop that sleeps look again. After a change that its sources go by when they prepare to sleep.</summary>
    internal void WakeIfAsleep()
    {
        // Pairs with the fence in FallAsleep.
        Interlocked.MemoryBarrier();
        if (_sleeping != 0)
        {
            _bell.Signal();
        }
    }

    // ---- On the loop ----

    /// <summary>Is rung for from now on. What was posted by then, <see cref="Any"/> shows afterwards.</summary>
    internal void FallAsleep()
    {
        _sleeping = 1;

        // Pairs with the fences in Post and WakeIfAsleep.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Need not be rung for any more.</summary>
    internal void WakeUp() => _sleeping = 0;

    /// <summary>The bell was heard.</summary>
    internal void ClearBell() => _bell.Clear();

    /// <summary>Runs what was posted.</summary>
    /// <returns>Whether there was anything.</returns>
    internal bool Run()
    {
        // Cleared before the queue is emptied: what is posted behind it sets it again.
        Interlocked.Exchange(ref _posted, 0);
        bool any = false;
        while (_posts.TryDequeue(out (Action<object?> Action, object? State) post))
        {
            any = true;
            post.Action(post.State);
        }

        return any;
    }

    /// <summary>The loop runs nothing any more: from now on posts run where they are made.</summary>
    internal void End()
    {
        _sleeping = 0;
        _ended = true;

        // Pairs with the fence in Post.
        Interlocked.MemoryBarrier();
        RunAfterTheEnd();
    }

    public void Dispose() => _bell.Dispose();

    private void RunAfterTheEnd()
    {
        if (Interlocked.Increment(ref _postsAfterTheEnd) > 1)
        {
            return;
        }

        // Whoever came after the look at the counter has queued its post before, and it is run in the next turn at the latest.
        ExceptionDispatchInfo? failure = null;
        int seen;
        do
        {
            seen = Volatile.Read(ref _postsAfterTheEnd);
            RunAll(ref failure);
        }
        while (Interlocked.CompareExchange(ref _postsAfterTheEnd, 0, seen) != seen);
        failure?.Throw();
    }

    // Whoever waits for a later post waits for it in vain if one that throws, which is a bug, keeps it from being run.
    private void RunAll(ref ExceptionDispatchInfo? failure)
    {
        for (bool all = false; !all;)
        {
            try
            {
                Run();
                all = true;
            }
#pragma warning disable CA1031 // It is thrown when all have run.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }
    }
}
