namespace LowLatency.Transports.Tls;

/// <summary>A handshake of TLS came to nothing. The message is one line that says who refused what.</summary>
/// <param name="message">Why.</param>
/// <param name="innerException">What it came from.</param>
public sealed class TlsHandshakeException(string message, Exception? innerException = null) : IOException(message, innerException);
