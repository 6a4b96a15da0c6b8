using System.Diagnostics;

namespace LowLatency.LoadTest.Workloads;

/// <summary>When the requests of one thread are to be sent: laid down beforehand, and deaf to what becomes of them.</summary>
/// <remarks>
/// Nothing is stored: requests that are due and not yet sent are those that this has not moved past, so that a queue of
/// any length costs no memory. Threads with constant arrivals take turns, so that all together are evenly spaced; those with
/// random ones draw independently, which adds up to random arrivals at the whole rate.
/// </remarks>
internal sealed class ArrivalSchedule
{
    private readonly long _startsAt;
    private readonly double _distance;
    private readonly int _threads;
    private readonly Random? _random;
    private double _sinceStart;
    private long _number;

    private ArrivalSchedule(long startsAt, double distance, int threads, int thread, Random? random)
    {
        (_startsAt, _distance, _threads, _number, _random) = (startsAt, distance, threads, thread, random);
        _sinceStart = random is null ? thread * distance : RandomDistance(random);
    }

    /// <summary>When the next request is to be sent, in Stopwatch ticks.</summary>
    public long Next => _startsAt + (long)_sinceStart;

    /// <param name="workload">The rate and the kind of arrivals.</param>
    /// <param name="thread">Whose share it is.</param>
    /// <param name="startsAt">When it begins, in Stopwatch ticks.</param>
    public static ArrivalSchedule Of(Workload workload, int thread, long startsAt)
    {
        double distance = Stopwatch.Frequency / workload.Rate!.Value;
        return new ArrivalSchedule(startsAt, distance, workload.Threads, thread, workload.Arrivals switch
        {
            Arrivals.Constant => null,

            // Multiplied, so that neighbouring seeds share no thread's sequence.
            Arrivals.Poisson => new Random(unchecked((workload.Seed * 7919) + thread)),
            _ => throw new ArgumentOutOfRangeException(nameof(workload)),
        });
    }

    public void MoveOn()
    {
        if (_random is not null)
        {
            _sinceStart += RandomDistance(_random);
            return;
        }

        // Multiplied and not added up: a rounding error would grow.
        _number += _threads;
        _sinceStart = _number * _distance;
    }

    private double RandomDistance(Random random) => -Math.Log(1 - random.NextDouble()) * _distance * _threads;
}
