using System.Globalization;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Latencies on a logarithmic axis: what matters about them is by how many times they differ.</summary>
internal sealed class LatencyScale
{
    private readonly double _logLeast;
    private readonly double _logMost;

    /// <param name="least">The least latency to be seen, in nanoseconds.</param>
    /// <param name="most">The greatest one.</param>
    public LatencyScale(double least, double most)
    {
        Least = Math.Max(1, least);
        // A run of equal latencies is a line in the middle, not a division by zero.
        Most = Math.Max(most, Least * 1.5);
        _logLeast = Math.Log10(Least) - 0.04;
        _logMost = Math.Log10(Most) + 0.04;
    }

    public double Least { get; }

    public double Most { get; }

    /// <summary>From 0 at the least latency to 1 at the greatest.</summary>
    public double At(double nanoseconds)
        => Math.Clamp((Math.Log10(Math.Max(1, nanoseconds)) - _logLeast) / (_logMost - _logLeast), 0, 1);

    /// <summary>The inverse of <see cref="At"/>.</summary>
    public double From(double share) => Math.Pow(10, _logLeast + (share * (_logMost - _logLeast)));

    /// <summary>Round values to be marked: 1, or 1-2-5, of each decade, as room is.</summary>
    public IEnumerable<double> Ticks(int atMost)
    {
        foreach (double[] steps in (double[][])[[1, 2, 5], [1, 5], [1]])
        {
            double[] ticks = [.. Within(steps)];
            if (ticks.Length <= atMost)
            {
                return ticks;
            }
        }

        double[] decades = [.. Within([1])];
        int every = (decades.Length + atMost - 1) / atMost;
        return decades.Where((_, index) => index % every == 0);
    }

    public static string Name(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => Text(nanoseconds, "ns"),
        < 1e6 => Text(nanoseconds / 1e3, "µs"),
        < 1e9 => Text(nanoseconds / 1e6, "ms"),
        _ => Text(nanoseconds / 1e9, "s"),
    };

    private IEnumerable<double> Within(double[] steps)
    {
        for (int decade = (int)Math.Floor(_logLeast); decade <= _logMost; decade++)
        {
            foreach (double tick in steps.Select(step => step * Math.Pow(10, decade)))
            {
                if (Math.Log10(tick) >= _logLeast && Math.Log10(tick) <= _logMost)
                {
                    yield return tick;
                }
            }
        }
    }

    private static string Text(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, 3):0.###} {unit}");
}
