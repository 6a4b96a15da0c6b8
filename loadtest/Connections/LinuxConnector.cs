using System.Net;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>Connections by the kernel's own calls.</summary>
internal sealed class LinuxConnector(EndPoint target) : IConnector
{
    private readonly StreamConnector _connector = new(target);

    public Errno TryConnect(out IWire? wire)
    {
        Errno error = _connector.TryConnect(out StreamSocket? socket);
        wire = socket is null ? null : new LinuxWire(socket);
        return error;
    }

    private sealed class LinuxWire(StreamSocket socket) : IWire
    {
        public int Descriptor => socket.Descriptor;

        public bool LooksAreCheap => false;

        public IoResult Send(ReadOnlySpan<byte> bytes) => socket.Send(bytes);

        public IoResult Receive(Span<byte> buffer) => socket.Receive(buffer);

        public void Dispose() => socket.Dispose();
    }
}
