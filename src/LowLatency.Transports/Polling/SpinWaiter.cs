using System.Diagnostics;
using LowLatency.Transports.BusyPoll;

namespace LowLatency.Transports.Polling;

/// <summary>One loop's memory of when it last had something to do; says when it is time to sleep.</summary>
/// <remarks>The clock is read once in <see cref="RoundsPerClockRead"/> fruitless rounds, and never for a message.</remarks>
internal struct SpinWaiter(WaitStrategy strategy, TimeSpan spinFor)
{
    private const int RoundsPerClockRead = 64;

    private readonly long _spinTicks = (long)(spinFor.TotalSeconds * Stopwatch.Frequency);
    private long _quietSince;
    private int _rounds;
    private bool _worked = true;

    /// <summary>The loop found something to do.</summary>
    internal void Worked() => _worked = true;

    /// <summary>The loop found nothing.</summary>
    /// <returns>Whether it should sleep.</returns>
    internal bool ShouldSleep()
    {
        if (strategy == WaitStrategy.BusySpin)
        {
            return false;
        }

        if (strategy == WaitStrategy.Blocking)
        {
            return true;
        }

        if (++_rounds < RoundsPerClockRead)
        {
            return false;
        }

        _rounds = 0;
        long now = Stopwatch.GetTimestamp();
        if (_worked)
        {
            _worked = false;
            _quietSince = now;
        }

        return now - _quietSince >= _spinTicks;
    }
}
