using System.Net;
using LowLatency.Linux;

namespace LowLatency.Transports.Listening;

/// <summary>Whom a listening socket lets in.</summary>
/// <param name="EndPoint">Where it listens, as the log names it.</param>
/// <param name="Limit">How many at once.</param>
internal sealed record AcceptSettings(EndPoint EndPoint, ConnectionLimit? Limit)
{
    /// <summary>Another process holds the socket as well: who waits there at the stop is left to whoever listens next.</summary>
    internal bool IsInherited { get; init; }

    /// <summary>Whether somebody may connect at all; <c>null</c> for everybody.</summary>
    internal Func<StreamSocket, EndPoint?, bool>? Allows { get; init; }

    /// <summary>Called for those who may not.</summary>
    internal Action? Refused { get; init; }

    /// <summary>Called for each that had failed when it was accepted, or right behind that. Any loop, several at a time.</summary>
    internal Action? Lost { get; init; }
}
