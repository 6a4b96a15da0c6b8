namespace LowLatency.Service.Hosting;

/// <summary>What the service logs of its own life.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Stopping: accepting no more, answering what was read, for {Timeout} at most")]
    internal static partial void Draining(ILogger logger, TimeSpan timeout);

    [LoggerMessage(2, LogLevel.Information, "Stopped after {Requests} requests")]
    internal static partial void Stopped(ILogger logger, long? requests);
}
