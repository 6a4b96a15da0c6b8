namespace LowLatency.LoadTest.Workloads;

/// <summary>What goes out and what must come back, as bytes on the wire.</summary>
/// <param name="Request">Sent for every request.</param>
/// <param name="Reply">Received for every request: not a byte less, more or else.</param>
/// <param name="TimesConnect">Whether the latency starts with the connect instead of the send.</param>
internal sealed record Exchange(byte[] Request, byte[] Reply, bool TimesConnect)
{
    /// <summary>Whether what is sent at once is one message, so that requests must not be sent together.</summary>
    public bool SendsOneByOne { get; init; }

    public static Exchange Of(Workload workload) => new(
        workload.Framing.Frame(workload.Request.Span),
        workload.Framing.Frame(workload.Expect.Span),
        workload.Mode == WorkloadMode.PerConnection)
    {
        SendsOneByOne = workload.KeepsMessages,
    };
}
