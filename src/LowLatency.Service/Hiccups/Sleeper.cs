namespace LowLatency.Service.Hiccups;

/// <summary>Makes hiccups of the times at which a thread that sleeps again and again was back.</summary>
/// <remarks>
/// Gil Tene's jHiccup had the idea: a thread that only ever sleeps for a fixed time and looks at the clock is late exactly by
/// what keeps any other thread of the process from running. What the sleep itself takes at best, which is a timer's slack and
/// a wake-up, is no hiccup: the shortest one seen so far is taken off.
/// </remarks>
internal sealed class Sleeper
{
    private TimeSpan _shortest = TimeSpan.MaxValue;

    /// <summary>How late a sleep came back beyond the best one so far.</summary>
    internal TimeSpan Lateness(TimeSpan slept)
    {
        _shortest = slept < _shortest ? slept : _shortest;
        return slept - _shortest;
    }
}
