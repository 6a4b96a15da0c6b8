namespace LowLatency.Transports.Sockets;

/// <summary>The runtime's switch that completes socket operations on the thread that found them ready.</summary>
public static class InlineCompletions
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Switches it on for the process, unless the environment says otherwise.</summary>
    /// <remarks>
    /// The runtime reads the variable when its first socket works asynchronously, so this must come before any. What must not
    /// run on a socket thread has to dispatch by itself, as Kestrel's Sockets transport does by default.
    /// </remarks>
    public static void Enable()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
