namespace LowLatency.Client;

/// <summary>A request was not answered, for a reason that is neither a timeout nor the caller's mistake. The message names the target.</summary>
/// <remarks>A timeout is a <see cref="TimeoutException"/>. After either, the connection has ended.</remarks>
/// <param name="failure">Why.</param>
/// <param name="message">One line that names the target.</param>
/// <param name="innerException">What it came from, if it was an exception.</param>
public sealed class LowLatencyClientException(ClientFailure failure, string message, Exception? innerException = null)
    : IOException(message, innerException)
{
    /// <summary>Why.</summary>
    public ClientFailure Failure { get; } = failure;
}
