namespace LowLatency.Service;

/// <summary>How the process ends.</summary>
internal static class ExitCodes
{
    internal const int Fine = 0;

    /// <summary>It could not start, or could not go on.</summary>
    internal const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    internal const int Usage = 2;
}
