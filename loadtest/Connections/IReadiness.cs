namespace LowLatency.LoadTest.Connections;

/// <summary>Tells a worker which of its connections are worth a look. Belongs to the worker's thread.</summary>
internal interface IReadiness : IDisposable
{
    /// <summary>Watches a wire; closing it ends that.</summary>
    /// <param name="wire">The wire, which is watched for the first time.</param>
    /// <param name="index">The connection's number, given back by <see cref="At"/>.</param>
    /// <param name="forSending">Whether it waits for room to send (or to be connected) instead of bytes to receive.</param>
    void Add(IWire wire, int index, bool forSending);

    /// <summary>Changes what a wire that is watched already is watched for.</summary>
    void Change(IWire wire, int index, bool forSending);

    /// <summary>Collects the connections that are ready.</summary>
    /// <param name="longestWaitMilliseconds">How long a strategy that sleeps may sleep. One that spins returns at once.</param>
    /// <returns>How many there are.</returns>
    int Collect(int longestWaitMilliseconds);

    /// <summary>Whether the last <see cref="Collect"/> slept although the strategy is to spin: time that the machine did not take away.</summary>
    bool HasSlept => false;

    /// <summary>The number of a connection among those collected.</summary>
    int At(int position);
}
