using System.Net;

namespace LowLatency.Transports;

/// <summary>An endpoint cannot be listened on; the message says why and what to do, on one line.</summary>
/// <param name="endPoint">The endpoint as it was given to the server.</param>
/// <param name="reason">Why, and the remedy.</param>
/// <param name="inner">What the system said.</param>
public sealed class BindException(EndPoint endPoint, string reason, Exception? inner = null) : IOException(reason, inner)
{
    /// <summary>The endpoint as it was given to the server.</summary>
    public EndPoint EndPoint { get; } = endPoint;
}
