using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.Thresholds;

/// <summary>What a figure is counted in, and so how its bound is written.</summary>
internal enum FigureUnit
{
    /// <summary>Nanoseconds.</summary>
    Time,

    /// <summary>A number of requests, or of requests a second.</summary>
    Count,

    /// <summary>A part of one.</summary>
    Share,
}

internal static class FigureUnits
{
    public static string Allowed(this FigureUnit unit) => unit switch
    {
        FigureUnit.Time => "a time such as 50us or 1.5ms",
        FigureUnit.Count => "a number such as 0 or 100k",
        FigureUnit.Share => "a share such as 0.999 or 99.9%",
        _ => throw new ArgumentOutOfRangeException(nameof(unit)),
    };

    public static bool TryParse(this FigureUnit unit, string text, out double bound)
    {
        switch (unit)
        {
            case FigureUnit.Time:
                bool isTime = DurationText.TryParseNanoseconds(text, out decimal nanoseconds);
                bound = (double)nanoseconds;
                return isTime;
            case FigureUnit.Share:
                return ShareText.TryParse(text, out bound);
            default:
                // Unlike a count of connections, a bound may be zero, and a rate a fraction.
                bool isNumber = CountText.TryParseNumber(text, out decimal number);
                bound = (double)number;
                return isNumber;
        }
    }

    public static string Format(this FigureUnit unit, double value) => unit switch
    {
        FigureUnit.Time => LatencyText.Of(value),
        FigureUnit.Count => LatencyText.Number(value),
        FigureUnit.Share => LatencyText.Share(value),
        _ => throw new ArgumentOutOfRangeException(nameof(unit)),
    };
}
