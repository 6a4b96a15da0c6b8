namespace LowLatency;

/// <summary>How messages are told apart on a connection, in both directions.</summary>
public enum Framing
{
    /// <summary>What one receive brings is one message; the reply goes out bare.</summary>
    /// <remarks>A byte stream has no boundaries of its own, so a client keeps one request outstanding per connection.</remarks>
    None,

    /// <summary>LF or CRLF ends a message; a reply ends in LF, which is added unless it is there already.</summary>
    Line,

    /// <summary>Four bytes of big-endian length stand before each payload.</summary>
    LengthPrefix,
}
