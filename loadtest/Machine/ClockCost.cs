using System.Diagnostics;

namespace LowLatency.LoadTest.Machine;

/// <summary>What a look at the clock costs. Two of them are in every latency, one in full.</summary>
internal static class ClockCost
{
    private const int Batches = 50;
    private const int LooksInBatch = 2_000;

    /// <summary>Measures it, in nanoseconds: the median of several batches.</summary>
    public static double Measure()
    {
        var costs = new double[Batches];
        for (int batch = 0; batch < Batches; batch++)
        {
            long first = Stopwatch.GetTimestamp();
            long last = first;
            for (int look = 0; look < LooksInBatch; look++)
            {
                last = Stopwatch.GetTimestamp();
            }

            costs[batch] = (last - first) * (1e9 / Stopwatch.Frequency) / LooksInBatch;
        }

        Array.Sort(costs);
        return costs[Batches / 2];
    }
}
