namespace LowLatency.LoadTest.ServerSide;

/// <summary>The sidecar that the user named says nothing. The message is one line.</summary>
internal sealed class SidecarUnreachableException(Sidecar sidecar, string reason)
    : IOException($"--sidecar: {sidecar.Metrics} tells nothing: {reason}");
