namespace LowLatency.LoadTest.Searching;

/// <summary>How a search came to its end.</summary>
internal enum SearchEnding
{
    /// <summary>The rate held over the longer window, and one that is little higher did not hold.</summary>
    Confirmed,

    /// <summary>Even the most that was to be tried holds: the limit is somewhere above.</summary>
    HeldAtTheMost,

    /// <summary>Not even the least rate holds.</summary>
    NothingHolds,

    /// <summary>Results contradicted each other too often.</summary>
    TooManyTrials,
}
