namespace LowLatency;

/// <summary>Why a connection or a request came to nothing: the label <c>error_type</c> of <c>lowlatency_errors_total</c>.</summary>
public enum ErrorType
{
    /// <summary><c>message_too_large</c>: a framed message over the limit.</summary>
    MessageTooLarge,

    /// <summary><c>message_timeout</c>: a message was begun and not finished in time.</summary>
    MessageTimeout,

    /// <summary><c>idle_timeout</c>: a connection stayed silent for too long.</summary>
    IdleTimeout,

    /// <summary><c>slow_reader</c>: a peer did not take its replies in time.</summary>
    SlowReader,

    /// <summary><c>connection_limit</c>: a connection too many.</summary>
    ConnectionLimit,

    /// <summary><c>protocol</c>: a peer broke the framing, the handshake or the transport's own protocol, or left in the middle of a message.</summary>
    Protocol,

    /// <summary><c>transport</c>: the connection failed underneath, as by a reset.</summary>
    Transport,

    /// <summary><c>not_allowed</c>: the client's address or user is none of those that may connect.</summary>
    NotAllowed,

    /// <summary><c>no_memory</c>: there was none for a client's rings.</summary>
    NoMemory,

    /// <summary><c>handshake_timeout</c>: a client did not end its handshake in time.</summary>
    HandshakeTimeout,

    /// <summary><c>tls_handshake</c>: a client did not speak TLS, or not the version asked for, or had no certificate that is trusted, or refused the service's, or left before the end, as a mere check of the port does.</summary>
    TlsHandshake,
}
