namespace LowLatency.LoadTest.CommandLine;

/// <summary>What the process tells the shell.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>The target is unreachable, or nothing was answered as expected.</summary>
    public const int CouldNotRun = 1;

    public const int Usage = 2;

    /// <summary>The run measured something else than it was asked to: the tester was late, or the target could not take the rate.</summary>
    public const int Invalid = 3;

    /// <summary>A bar that was to be held was missed.</summary>
    public const int ThresholdMissed = 99;

    /// <summary>Ctrl+C or SIGTERM; what was measured until then has been reported.</summary>
    public const int Interrupted = 130;
}
