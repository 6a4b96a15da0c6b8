using System.Globalization;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Rates as users write them: <c>1000</c>, <c>100k</c>, <c>0.5</c>.</summary>
internal static class RateText
{
    public const string Allowed = "requests a second, above 0 and up to 100M, with k or M for thousands or millions";

    private const decimal Most = 100_000_000;

    // One request a day: what is less is no load, and overflows a schedule in time.
    private const decimal Least = 1 / 86_400m;

    public static bool TryParse(string text, out double rate)
    {
        decimal unit = text switch
        {
            [.., 'k'] => 1_000,
            [.., 'M'] => 1_000_000,
            _ => 1,
        };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(..^1);
        bool isRate = decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && number <= Most / unit
            && number * unit >= Least;
        rate = isRate ? (double)(number * unit) : 0;
        return isRate;
    }
}
