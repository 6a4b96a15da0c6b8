using System.Buffers;

namespace LowLatency;

/// <summary>Answers one message.</summary>
/// <remarks>
/// <para>
/// Called on the thread that received the message, which on a polled transport is the poll loop: whatever blocks here stops
/// every connection of that loop. One instance serves all connections, from several threads at once where there are
/// several loops. State per connection, asynchronous work or pushed messages want a <c>ConnectionHandler</c> instead.
/// </para>
/// <para>An exception is taken for a bug: it ends the connection and is logged as an error.</para>
/// </remarks>
public interface IResponder
{
    /// <summary>Writes the reply to a message.</summary>
    /// <param name="request">The message without its framing. Valid only during the call.</param>
    /// <param name="response">Where the reply goes, without its framing. Nothing written is no reply.</param>
    void Respond(in ReadOnlySequence<byte> request, IBufferWriter<byte> response);
}
