namespace LowLatency.Transports.Polling;

/// <summary>What a look at a source found.</summary>
internal enum LookResult
{
    /// <summary>There was something, and it was dealt with.</summary>
    Found,

    /// <summary>There was nothing.</summary>
    Nothing,

    /// <summary>Nobody waits for anything there: looking is of no use.</summary>
    NotLooking,
}
