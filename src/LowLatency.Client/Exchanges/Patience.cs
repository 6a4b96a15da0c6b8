using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LowLatency.Client.Exchanges;

/// <summary>How long a thread that looks for something goes on with it, and when it begins to sleep in between.</summary>
/// <remarks>
/// The clock is read once in <see cref="LooksPerClockRead"/> looks, so never for a reply that comes soon; both times count from
/// the first reading.
/// </remarks>
internal struct Patience(TimeSpan spinFor, TimeSpan timeout)
{
    private const int LooksPerClockRead = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private int _looks;
    private long _since;
    private long _quietSince;

    /// <summary>Something moved: it is worth looking without pause again.</summary>
    internal void Progressed() => _quietSince = 0;

    /// <summary>Before another look.</summary>
    /// <returns>Whether there is time for it.</returns>
    internal bool Lasts() => ++_looks < LooksPerClockRead || LookAtClock();

    // Out of the way of those that are answered soon.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool LookAtClock()
    {
        _looks = 0;
        long now = Stopwatch.GetTimestamp();
        if (_since == 0)
        {
            _since = now;
        }
        else if (timeout >= TimeSpan.Zero && Stopwatch.GetElapsedTime(_since, now) >= timeout)
        {
            return false;
        }

        if (_quietSince == 0)
        {
            _quietSince = now;
        }
        else if (spinFor >= TimeSpan.Zero && Stopwatch.GetElapsedTime(_quietSince, now) >= spinFor)
        {
            Thread.Sleep(Pause);

            // The clock again after the next look, which is cheap beside the sleep.
            _looks = LooksPerClockRead - 1;
        }

        return true;
    }
}
