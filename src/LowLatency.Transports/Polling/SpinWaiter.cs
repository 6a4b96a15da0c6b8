using System.Diagnostics;
using LowLatency.Transports.BusyPoll;

namespace LowLatency.Transports.Polling;

/// <summary>One loop's memory of when it last had something to do; says when it is time to sleep.</summary>
/// <remarks>The clock is read once in a microsecond or ten of fruitless rounds, and never for a message.</remarks>
internal struct SpinWaiter(WaitStrategy strategy, TimeSpan spinFor)
{
    private const int EffortPerClockRead = 1024;
    private const int EffortOfSystemCall = 16;

    private readonly long _spinTicks = (long)(spinFor.TotalSeconds * Stopwatch.Frequency);
    private long _quietSince;
    private int _effort;
    private bool _worked = true;

    /// <summary>The loop found something to do.</summary>
    internal void Worked() => _worked = true;

    /// <summary>The loop found nothing.</summary>
    /// <param name="cheapRound">The round made no system call.</param>
    /// <returns>Whether it should sleep.</returns>
    internal bool ShouldSleep(bool cheapRound)
    {
        if (strategy == WaitStrategy.BusySpin)
        {
            return false;
        }

        if (strategy == WaitStrategy.Blocking)
        {
            return true;
        }

        _effort += cheapRound ? 1 : EffortOfSystemCall;
        if (_effort < EffortPerClockRead)
        {
            return false;
        }

        _effort = 0;
        long now = Stopwatch.GetTimestamp();
        if (_worked)
        {
            _worked = false;
            _quietSince = now;
        }

        return now - _quietSince >= _spinTicks;
    }
}
