namespace LowLatency.LoadTest.CommandLine;

/// <summary>What a verb that makes several runs takes over from the options of a single one.</summary>
[Flags]
internal enum RunParts
{
    None = 0,

    /// <summary>Where the runs go.</summary>
    Target = 1,

    /// <summary>Connections and rate.</summary>
    Load = 2,

    /// <summary>Reports, thresholds and progress.</summary>
    Output = 4,
}
