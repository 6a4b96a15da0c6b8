namespace LowLatency.Client.Exchanges;

/// <summary>What became of an exchange. A value and no exception: the way of a success throws and catches nothing.</summary>
internal enum ExchangeOutcome
{
    /// <summary>Every reply is there.</summary>
    Done,

    ClosedByPeer,

    Reset,

    /// <summary>The time was over, or the caller's token was cancelled first.</summary>
    TimedOut,

    ReplyTooLong,

    /// <summary>Something had come before anything was asked for.</summary>
    Unasked,
}
