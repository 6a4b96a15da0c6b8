using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Tests.Comparing;

/// <summary>Runs of a machine that is known: its figures scatter from run to run, belong together within one, and drift from round to round.</summary>
internal static class Simulated
{
    public static double Normal(Random random, double mean, double deviation)
        => mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    /// <param name="random">Chance.</param>
    /// <param name="factor">How slow the server is.</param>
    /// <param name="machine">How slow the machine is in this round.</param>
    public static SavedRun Run(Random random, double factor, double machine)
    {
        double run = Math.Exp(Normal(random, 0, 0.03));
        double p50 = 8 * factor * machine * run;
        return new SavedRun
        {
            Target = "tcp://127.0.0.1:1",
            Mode = "ping-pong",
            RequestsPerSecond = 1e6 / (p50 * 1.05) * Math.Exp(Normal(random, 0, 0.01)),
            LatencyMicroseconds = new Dictionary<string, double?>
            {
                ["p50"] = p50,
                ["p90"] = p50 * 1.1 * Math.Exp(Normal(random, 0, 0.02)),
                ["p99"] = p50 * 1.5 * Math.Exp(Normal(random, 0, 0.15)),
                ["p99_9"] = p50 * 4 * Math.Exp(Normal(random, 0, 0.5)),
            },
        };
    }

    /// <summary>Both sides of some rounds, on a machine that becomes a little slower all the while and now and then much.</summary>
    public static (SavedRun[] A, SavedRun[] B) Rounds(Random random, int rounds, double factorOfB, bool sameMachine)
    {
        var a = new SavedRun[rounds];
        var b = new SavedRun[rounds];
        for (int round = 0; round < rounds; round++)
        {
            double drift = sameMachine ? 1 + (0.02 * round) + (random.Next(5) == 0 ? 0.4 : 0) : 1;
            a[round] = Run(random, 1, drift);
            b[round] = Run(random, factorOfB, drift);
        }

        return (a, b);
    }
}
