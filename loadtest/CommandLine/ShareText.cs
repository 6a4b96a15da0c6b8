using System.Globalization;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Parts of one as users write them: <c>0.999</c>, <c>99.9%</c>.</summary>
internal static class ShareText
{
    public static bool TryParse(string text, out double share)
    {
        bool isPercent = text.EndsWith('%');
        ReadOnlySpan<char> digits = isPercent ? text.AsSpan(..^1) : text;
        bool isNumber = decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number);
        decimal value = isPercent ? number / 100 : number;
        share = (double)value;
        return isNumber && value <= 1;
    }
}
