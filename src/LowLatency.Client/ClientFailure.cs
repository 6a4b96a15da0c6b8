namespace LowLatency.Client;

/// <summary>Why a request was not answered.</summary>
public enum ClientFailure
{
    /// <summary>Nobody listens there, or the connect failed in another way.</summary>
    ConnectFailed,

    /// <summary>The connection has ended in an earlier request, and <see cref="LowLatencyClientOptions.Reconnect"/> is off.</summary>
    NotConnected,

    /// <summary>The peer ended the connection before the reply was complete.</summary>
    ClosedByPeer,

    /// <summary>The peer reset the connection, or it broke.</summary>
    Reset,

    /// <summary>The reply is longer than the room for it, or than <see cref="LowLatencyClientOptions.MaxReplyBytes"/>.</summary>
    ReplyTooLong,

    /// <summary>The peer sent what nobody had asked for: the two are out of step.</summary>
    Unasked,

    /// <summary>The handshake of TLS failed: one of the two refused the other's certificate, or the peer does not speak TLS. The message says which.</summary>
    HandshakeFailed,
}
