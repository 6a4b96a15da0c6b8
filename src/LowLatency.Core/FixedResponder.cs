using System.Buffers;

namespace LowLatency;

/// <summary>Answers every message with the same bytes.</summary>
/// <param name="reply">The reply; kept, not copied.</param>
public sealed class FixedResponder(ReadOnlyMemory<byte> reply) : IResponder
{
    /// <inheritdoc/>
    public void Respond(in ReadOnlySequence<byte> request, IBufferWriter<byte> response)
    {
        ArgumentNullException.ThrowIfNull(response);
        ReadOnlySpan<byte> bytes = reply.Span;
        bytes.CopyTo(response.GetSpan(bytes.Length));
        response.Advance(bytes.Length);
    }
}
