using System.Runtime.CompilerServices;

namespace LowLatency.LoadTest.Machine;

/// <summary>Switches of the runtime that decide how code is compiled, as they are set for this process.</summary>
internal static class RuntimeKnob
{
    /// <summary>Whether the compiler learns from the running program.</summary>
    public static string TieredPgo
        => !RuntimeFeature.IsDynamicCodeCompiled ? "off (compiled ahead of time)"
            : IsOn("TieredCompilation", "System.Runtime.TieredCompilation") && IsOn("TieredPGO", "System.Runtime.TieredPGO") ? "on"
            : "off";

    // On unless said otherwise, since .NET 8. The environment wins over the program's own configuration.
    private static bool IsOn(string variable, string setting)
        => System.Environment.GetEnvironmentVariable("DOTNET_" + variable) is { Length: > 0 } value ? value.TrimStart('0').Length > 0
            : !AppContext.TryGetSwitch(setting, out bool isOn) || isOn;
}
