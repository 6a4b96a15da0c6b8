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
        bool isCount = TryParseNumber(text, out decimal number) && decimal.IsInteger(number);
        count = isCount ? (long)number : 0;
        return count >= 1;
    }

    /// <summary>Reads a number that may be zero or a fraction.</summary>
    public static bool TryParseNumber(string text, out decimal number)
    {
        decimal unit = text switch
        {
            [.., 'k'] => 1_000,
            [.., 'M'] => 1_000_000,
            _ => 1,
        };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(..^1);
        bool isNumber = decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && number <= Most / unit;
        number = isNumber ? number * unit : 0;
        return isNumber;
    }
}
