namespace LowLatency.LoadTest.Workloads;

/// <summary>How requests relate to each other and to connections.</summary>
internal enum WorkloadMode
{
    /// <summary>Closed loop over persistent connections: the next request leaves when the reply is there.</summary>
    PingPong,

    /// <summary>Closed loop with a connection for every request: connect, send, receive, close.</summary>
    PerConnection,

    /// <summary>A schedule says when requests are sent, whatever became of those before.</summary>
    OpenLoop,

    /// <summary>Closed loop with several requests under way on each connection.</summary>
    Pipelined,
}

internal static class WorkloadModes
{
    /// <summary>The mode as users write it and as reports name it.</summary>
    public static string Name(this WorkloadMode mode) => mode switch
    {
        WorkloadMode.PingPong => "ping-pong",
        WorkloadMode.PerConnection => "per-connection",
        WorkloadMode.OpenLoop => "open-loop",
        WorkloadMode.Pipelined => "pipelined",
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
