using System.Diagnostics;

namespace LowLatency.LoadTest.Measurement;

/// <summary>What one look at the clock costs: as much of every latency is not the service's.</summary>
internal static class ClockCost
{
    private const int Looks = 1_000;
    private const int Rounds = 50;

    private static readonly Lazy<double> Measured = new(Measure);

    /// <summary>In nanoseconds. Measured once, at the first question, in a fraction of a millisecond or two.</summary>
    public static double Nanoseconds => Measured.Value;

    // The quickest round: the others were disturbed, or not compiled yet.
    private static double Measure() => Enumerable.Range(0, Rounds).Min(_ => MeasureRound());

    private static double MeasureRound()
    {
        long started = Stopwatch.GetTimestamp();
        long last = started;
        for (int i = 0; i < Looks; i++)
        {
            last = Stopwatch.GetTimestamp();
        }

        return (last - started) * (1e9 / Stopwatch.Frequency) / Looks;
    }
}
