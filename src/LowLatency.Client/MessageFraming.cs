namespace LowLatency.Client;

/// <summary>How messages are told apart on a connection, in both directions. The same as the server's.</summary>
public enum MessageFraming
{
    /// <summary>A message is what one send carries, and a reply what one receive brings.</summary>
    /// <remarks>
    /// A byte stream (TCP, Unix) has no boundaries of its own: only for replies that are short enough to arrive in one piece,
    /// and never for batches. Where the transport keeps messages apart by itself, both are fine; a server reads a message of
    /// 64 KiB or more in pieces.
    /// </remarks>
    None,

    /// <summary>LF or CRLF ends a message. A request gets an LF unless it ends in one; a reply is given without it.</summary>
    Line,

    /// <summary>Four bytes of big-endian length stand before each payload.</summary>
    LengthPrefix,
}
