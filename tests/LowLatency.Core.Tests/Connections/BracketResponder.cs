using System.Buffers;

namespace LowLatency.Core.Tests.Connections;

/// <summary>Answers a message with itself in brackets, so that a reply shows where its message began and ended.</summary>
internal sealed class BracketResponder : IResponder
{
    public void Respond(in ReadOnlySequence<byte> request, IBufferWriter<byte> response)
    {
        response.Write("["u8);
        foreach (ReadOnlyMemory<byte> segment in request)
        {
            response.Write(segment.Span);
        }

        response.Write("]"u8);
    }
}
