namespace LowLatency.LoadTest.Connections;

/// <summary>A wire over shared memory: no descriptor tells when it is ready.</summary>
internal interface IRingWire : IWire
{
    /// <summary>Ends when it can be sent to, or never will.</summary>
    Task Attached { get; }
}
