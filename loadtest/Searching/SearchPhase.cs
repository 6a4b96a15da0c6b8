namespace LowLatency.LoadTest.Searching;

/// <summary>What a search is about.</summary>
internal enum SearchPhase
{
    /// <summary>Every rate held so far: twice as much.</summary>
    Double,

    /// <summary>None held so far: half of it.</summary>
    Halve,

    /// <summary>One held and a higher one did not: between them.</summary>
    Bisect,

    /// <summary>They are close: once more, over a longer window.</summary>
    Confirm,
}
