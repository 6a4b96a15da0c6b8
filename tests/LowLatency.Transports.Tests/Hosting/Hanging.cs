namespace LowLatency.Transports.Tests.Hosting;

/// <summary>When a test is taken for hanging: after far more than anything takes on a machine that is busy with something else as well.</summary>
internal static class Hanging
{
    /// <summary>Milliseconds, for a whole test.</summary>
    internal const int After = 300_000;

    /// <summary>For one of the things that it waits for.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);
}
