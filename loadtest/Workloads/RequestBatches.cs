namespace LowLatency.LoadTest.Workloads;

/// <summary>Requests that left together.</summary>
/// <param name="SentAt">When the send began.</param>
/// <param name="Count">How many of them have no reply yet.</param>
/// <param name="IsMeasured">Whether they belong to the measured phase.</param>
internal readonly record struct RequestBatch(long SentAt, int Count, bool IsMeasured);

/// <summary>The batches under way on a connection, the oldest first: replies come in the order of the requests.</summary>
internal sealed class RequestBatches(int mostRequests)
{
    // Every batch holds a request at least.
    private readonly RequestBatch[] _ring = new RequestBatch[mostRequests];
    private int _oldest;
    private int _batches;

    /// <summary>How many requests have no reply yet.</summary>
    public int Requests { get; private set; }

    public RequestBatch Oldest => _ring[_oldest];

    public void Add(RequestBatch batch)
    {
        _ring[(_oldest + _batches) % _ring.Length] = batch;
        _batches++;
        Requests += batch.Count;
    }

    /// <summary>Takes up to so many requests from the oldest batch.</summary>
    public RequestBatch Take(int most)
    {
        RequestBatch batch = _ring[_oldest];
        int taken = Math.Min(most, batch.Count);
        Requests -= taken;
        if (taken == batch.Count)
        {
            _oldest = (_oldest + 1) % _ring.Length;
            _batches--;
        }
        else
        {
            _ring[_oldest] = batch with { Count = batch.Count - taken };
        }

        return batch with { Count = taken };
    }

    /// <summary>The oldest batch has had to wait for its connection, and leaves only now.</summary>
    public void OldestLeavesAt(long now) => _ring[_oldest] = Oldest with { SentAt = now };
}
