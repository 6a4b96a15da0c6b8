namespace LowLatency.LoadTest.Connections;

/// <summary>One connection that is tried again and again: the least latency, at the price of a CPU.</summary>
internal sealed class AlwaysReady : IReadiness
{
    public void Add(IWire wire, int index, bool forSending)
    {
    }

    public void Change(IWire wire, int index, bool forSending)
    {
    }

    public int Collect(int longestWaitMilliseconds) => 1;

    public int At(int position) => 0;

    public void Dispose()
    {
    }
}
