namespace LowLatency.Service.Sidecar;

/// <summary>Whether the service wants traffic: from the end of its warm-up to the beginning of its stop.</summary>
internal sealed class Readiness
{
    private volatile bool _ready;

    internal bool IsReady => _ready;

    internal void Set(bool ready) => _ready = ready;
}
