namespace LowLatency.LoadTest.Measurement;

/// <summary>What became of a request. Every attempted request has exactly one outcome, and only <see cref="Ok"/> has a latency.</summary>
internal enum Outcome
{
    /// <summary>The reply was exactly the expected one, in time.</summary>
    Ok,

    /// <summary>There was no connection to send it over: refused, unreachable, or not connected in time.</summary>
    ConnectError,

    /// <summary>The send failed.</summary>
    WriteError,

    /// <summary>The receive failed, for example by a reset.</summary>
    ReadError,

    /// <summary>Nothing of the reply arrived in time.</summary>
    Timeout,

    /// <summary>The peer closed the connection before anything of the reply.</summary>
    Eof,

    /// <summary>Something else than the expected reply: other bytes, missing ones, or more than asked for.</summary>
    BadReply,

    /// <summary>The run ended before the reply came.</summary>
    Aborted,

    /// <summary>Never sent, because the run had no room for it any more. Closed loops have none.</summary>
    Dropped,
}
