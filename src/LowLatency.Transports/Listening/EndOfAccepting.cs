using Microsoft.Extensions.Hosting;

namespace LowLatency.Transports.Listening;

/// <summary>What is left to do when a listener cannot accept any more.</summary>
internal static class EndOfAccepting
{
    private const int Failed = 1;

    /// <summary>Stops the application, and has the process end as a failure: a server that nobody can reach must not look alive.</summary>
    internal static void StopProcess(IHostApplicationLifetime? lifetime)
    {
        Environment.ExitCode = Failed;
        lifetime?.StopApplication();
    }
}
