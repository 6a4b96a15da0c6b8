using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Polling;

/// <summary>What the transport logs: never a message, never a peer's fault above Debug.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Loops} poll loop(s), {Strategy}: {Reason}")]
    internal static partial void LoopsStarted(ILogger logger, int loops, WaitStrategy strategy, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Thread}: {Problem}")]
    internal static partial void TuningFailed(ILogger logger, string thread, string problem);

    [LoggerMessage(3, LogLevel.Information, "{Thread}: {Note}")]
    internal static partial void TuningNote(ILogger logger, string thread, string note);

    [LoggerMessage(4, LogLevel.Critical, "A poll loop failed; its connections are lost")]
    internal static partial void LoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(15, LogLevel.Warning, "{Thread}: the application has not given the loop back within {Limit}; it is left behind")]
    internal static partial void LoopLeftBehind(ILogger logger, string thread, TimeSpan limit);

    [LoggerMessage(5, LogLevel.Warning, "{EndPoint}: cannot accept for the moment ({Error}); connections wait")]
    internal static partial void AcceptHeldUp(ILogger logger, EndPoint endPoint, Enum error);

    [LoggerMessage(6, LogLevel.Debug, "{EndPoint}: a connection failed before the server had it ({Error})")]
    internal static partial void AcceptFailed(ILogger logger, EndPoint endPoint, Errno error);

    [LoggerMessage(7, LogLevel.Critical, "{EndPoint}: cannot accept any more ({Error}); stopping")]
    internal static partial void AcceptEnded(ILogger logger, EndPoint endPoint, Enum error);

    [LoggerMessage(8, LogLevel.Debug, "{EndPoint}: a connection from {Remote} was refused: {Reason}")]
    internal static partial void ConnectionRefused(ILogger logger, EndPoint endPoint, EndPoint? remote, string reason);

    [LoggerMessage(13, LogLevel.Warning, "{EndPoint}: {Refusals} connection(s) refused since the last such line; the last one: {Reason}")]
    internal static partial void Refused(ILogger logger, EndPoint endPoint, int refusals, string reason);

    [LoggerMessage(14, LogLevel.Debug, "{EndPoint}: {Remote} does not take what was sent last, and is cut off")]
    internal static partial void LastReplyNotTaken(ILogger logger, EndPoint endPoint, EndPoint? remote);

    [LoggerMessage(11, LogLevel.Debug, "{EndPoint}: a client did not attach: {Reason} ({Detail})")]
    internal static partial void AttachRefused(ILogger logger, EndPoint endPoint, SharedMemoryRefusal reason, string detail);

    [LoggerMessage(12, LogLevel.Debug, "{EndPoint}: a peer broke the protocol of the rings: {Violation}")]
    internal static partial void PeerBrokeProtocol(ILogger logger, EndPoint endPoint, string violation);

    [LoggerMessage(10, LogLevel.Error, "A callback of the application on ConnectionClosed failed")]
    internal static partial void ClosedCallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Information, "Busy polling needs Linux: Kestrel's Sockets transport listens instead")]
    internal static partial void FellBack(ILogger logger);
}
