using System.Net;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Connections;

/// <summary>Connections by the kernel's own calls. Of one worker, whose thread also closes them.</summary>
/// <remarks>A wire that is closed is kept for the next connection, so that a connection for every request allocates nothing.</remarks>
internal sealed class LinuxConnector(EndPoint target) : IConnector
{
    private readonly StreamConnector _connector = new(target);
    private readonly Stack<LinuxWire> _closed = new();

    public Errno TryConnect(out IWire? wire)
    {
        LinuxWire candidate = _closed.TryPop(out LinuxWire? used) ? used : new LinuxWire(this);
        Errno error = candidate.Socket.TryConnect(_connector);
        if (error != Errno.None)
        {
            _closed.Push(candidate);
            wire = null;
            return error;
        }

        wire = candidate;
        return Errno.None;
    }

    private sealed class LinuxWire(LinuxConnector connector) : IWire
    {
        public ReusableStreamSocket Socket { get; } = new();

        public int Descriptor => Socket.Descriptor;

        public bool LooksAreCheap => false;

        public IoResult Send(ReadOnlySpan<byte> bytes) => Socket.Send(bytes);

        public IoResult Receive(Span<byte> buffer) => Socket.Receive(buffer);

        public void Dispose()
        {
            if (Socket.IsOpen)
            {
                Socket.Close();
                connector._closed.Push(this);
            }
        }
    }
}
