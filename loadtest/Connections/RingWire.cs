using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.LoadTest.Connections;

/// <summary>A wire over rings in shared memory, which the worker's thread reads and writes itself.</summary>
internal sealed class RingWire(Attachment attachment) : IRingWire
{
    private IDirectExchange? _rings;

    public int Descriptor => -1;

    public bool LooksAreCheap => true;

    public Task Attached => attachment.Handshake;

    public IoResult Send(ReadOnlySpan<byte> bytes)
    {
        if (_rings is null && TryAttach() is var error and not Errno.None)
        {
            return IoResult.Failed(error);
        }

        if (bytes.IsEmpty)
        {
            return IoResult.Done(0);
        }

        IoResult result = _rings!.Send(bytes);
        if (result.Succeeded)
        {
            // Also where only a part fitted: a peer that sleeps makes no room.
            _rings.Flushed();
        }

        return result;
    }

    // Nothing is received before something was sent, or tried to.
    public IoResult Receive(Span<byte> buffer) => _rings!.Receive(buffer);

    public void Dispose() => attachment.Dispose();

    private Errno TryAttach()
    {
        Errno error = attachment.TryGet(out ConnectionContext? connection);
        _rings = connection?.Features.Get<IDirectExchange>();
        return error;
    }
}
