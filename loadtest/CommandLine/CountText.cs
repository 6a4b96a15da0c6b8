using System.Globalization;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Counts as users write them: <c>100</c>, <c>100k</c>, <c>1.5M</c>.</summary>
internal static class CountText
{
    public const string Allowed = "a whole number from 1, with k or M for thousands or millions";

    private const decimal Most = 1e15m;

    /// <summary>Reads a count of one or more.</summary>
    public static bool TryParse(string text, out long count)
    {
        decimal unit = text switch
        {
            [.., 'k'] => 1_000,
            [.., 'M'] => 1_000_000,
            _ => 1,
        };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(..^1);
        count = 0;
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            || number > Most / unit
            || !decimal.IsInteger(number * unit))
        {
            return false;
        }

        count = (long)(number * unit);
        return count >= 1;
    }
}
