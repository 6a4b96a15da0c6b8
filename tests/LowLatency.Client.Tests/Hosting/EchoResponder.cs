using System.Buffers;

namespace LowLatency.Client.Tests.Hosting;

/// <summary>Answers every message with itself.</summary>
internal sealed class EchoResponder : IResponder
{
    public void Respond(in ReadOnlySequence<byte> request, IBufferWriter<byte> response)
    {
        foreach (ReadOnlyMemory<byte> part in request)
        {
            response.Write(part.Span);
        }
    }
}
