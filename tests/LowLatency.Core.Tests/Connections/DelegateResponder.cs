using System.Buffers;

namespace LowLatency.Core.Tests.Connections;

/// <summary>Answers by what a test says.</summary>
internal sealed class DelegateResponder(Action<byte[], IBufferWriter<byte>> respond) : IResponder
{
    public void Respond(in ReadOnlySequence<byte> request, IBufferWriter<byte> response) => respond(request.ToArray(), response);
}
