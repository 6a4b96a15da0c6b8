using System.Net.Sockets;

namespace LowLatency.Service.Hosting;

/// <summary>What the service logs of its own life.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Stopping: accepting no more, answering what was read, for {Timeout} at most")]
    internal static partial void Draining(ILogger logger, TimeSpan timeout);

    [LoggerMessage(3, LogLevel.Information, "Warmed up by {Requests} requests in {Elapsed}")]
    internal static partial void WarmedUp(ILogger logger, int requests, TimeSpan elapsed);

    [LoggerMessage(4, LogLevel.Warning, "The warm-up failed: the first requests will be slow")]
    internal static partial void WarmUpFailed(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "{Problem}")]
    internal static partial void TuningFailed(ILogger logger, string problem);

    [LoggerMessage(6, LogLevel.Warning, "Shared memory needs Linux: not listening on {Urls}")]
    internal static partial void NoSharedMemory(ILogger logger, string urls);

    [LoggerMessage(7, LogLevel.Warning, "{Connections} connection(s) did not end within {Timeout}: cut off")]
    internal static partial void CutOff(ILogger logger, int connections, TimeSpan timeout);

    [LoggerMessage(8, LogLevel.Warning, "The service manager was not told {State}: {Error}")]
    internal static partial void NotToldTheServiceManager(ILogger logger, string state, SocketError error);

    [LoggerMessage(9, LogLevel.Warning, "Not encrypted, and open to other machines: {Urls}; bind to loopback, keep others out by a firewall or AllowNetworks, or set Tls")]
    internal static partial void OpenToOthers(ILogger logger, string urls);

    [LoggerMessage(10, LogLevel.Warning, "NOTIFY_SOCKET: '{Path}' is too long for the address of a socket: the service manager is told nothing")]
    internal static partial void NoAddressOfAServiceManager(ILogger logger, string path);

    [LoggerMessage(11, LogLevel.Error, "The watchdog has ended: the service manager does not hear any more that the service lives")]
    internal static partial void WatchdogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Stopped after {Requests} requests")]
    internal static partial void Stopped(ILogger logger, long requests);

    [LoggerMessage(12, LogLevel.Information, "Stopped")]
    internal static partial void StoppedUncounted(ILogger logger);
}
