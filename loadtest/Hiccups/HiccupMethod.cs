namespace LowLatency.LoadTest.Hiccups;

/// <summary>How hiccups are found.</summary>
internal enum HiccupMethod
{
    /// <summary>Measuring threads that spin note the gaps between two of their looks at the clock.</summary>
    Gaps,

    /// <summary>Where measuring threads sleep, one beside them sleeps too, and notes how late it is woken.</summary>
    Sleeps,
}
