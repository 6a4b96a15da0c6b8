using System.Globalization;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Shares as users write them: <c>2</c> or <c>0.5</c>, in percent.</summary>
internal static class PercentText
{
    public const string Allowed = "a number from 0 to 100, such as 2 or 0.5";

    public static bool TryParse(string text, out double percent)
        => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percent) && percent is >= 0 and <= 100;
}
