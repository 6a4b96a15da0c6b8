namespace LowLatency.Client.Exchanges;

/// <summary>What became of an exchange. A value and no exception: the way of a success throws and catches nothing.</summary>
internal enum ExchangeOutcome
{
    /// <summary>Every reply is there.</summary>
    Done,

    ClosedByPeer,

    Reset,

    TimedOut,

    /// <summary>The caller's token was cancelled.</summary>
    Cancelled,

    ReplyTooLong,

    /// <summary>Something had come before anything was asked for.</summary>
    Unasked,
}
