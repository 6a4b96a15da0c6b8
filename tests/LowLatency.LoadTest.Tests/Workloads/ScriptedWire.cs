using LowLatency.Linux;
using LowLatency.LoadTest.Connections;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>A connection without a network: what each call comes to is laid down beforehand.</summary>
internal sealed class ScriptedWire : IWire, IConnector, IReadiness
{
    public Queue<Errno> Connects { get; } = new();

    /// <summary>Results of sends; when there are none, everything is sent.</summary>
    public Queue<IoResult> Sends { get; } = new();

    /// <summary>Arrivals: bytes, none of them for the end of the stream. When there are none left, a receive would block.</summary>
    public Queue<byte[]> Arrivals { get; } = new();

    public int Descriptor => -1;

    public bool LooksAreCheap { get; set; }

    public bool WaitsForSending { get; private set; }

    public Errno TryConnect(out IWire? wire)
    {
        Errno error = Connects.TryDequeue(out Errno scripted) ? scripted : Errno.None;
        wire = error == Errno.None ? this : null;
        return error;
    }

    public IoResult Send(ReadOnlySpan<byte> bytes) => Sends.TryDequeue(out IoResult result) ? result : IoResult.Done(bytes.Length);

    public IoResult Receive(Span<byte> buffer)
    {
        if (!Arrivals.TryDequeue(out byte[]? arrival))
        {
            return IoResult.Failed(Errno.Again);
        }

        arrival.CopyTo(buffer);
        return IoResult.Done(arrival.Length);
    }

    public void Add(IWire wire, int index, bool forSending) => WaitsForSending = forSending;

    public void Change(IWire wire, int index, bool forSending) => WaitsForSending = forSending;

    public int Collect(int longestWaitMilliseconds) => 1;

    public int At(int position) => 0;

    public void Dispose()
    {
    }
}
