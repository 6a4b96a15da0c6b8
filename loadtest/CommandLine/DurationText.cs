using System.Globalization;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Times as users write them: <c>500ms</c>, <c>1.5s</c>.</summary>
internal static class DurationText
{
    public const string Allowed = "a number with ns, us, ms, s or m, such as 500ms or 1.5s";

    // Far beyond any run, and far from the end of what a 64-bit count of nanoseconds holds.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    // Longer suffixes first: every one of them ends in a shorter one.
    private static readonly (string Suffix, decimal Seconds)[] Units =
        [("ns", 1e-9m), ("us", 1e-6m), ("ms", 1e-3m), ("s", 1m), ("m", 60m)];

    /// <summary>Reads a time. Zero needs no unit; a negative time is none.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        bool isTime = TryParseNanoseconds(text, out decimal nanoseconds);
        time = TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        return isTime && (nanoseconds == 0 || time > TimeSpan.Zero);
    }

    /// <summary>The same, finer than a <see cref="TimeSpan"/> is.</summary>
    public static bool TryParseNanoseconds(string text, out decimal nanoseconds)
    {
        nanoseconds = 0;
        if (text == "0")
        {
            return true;
        }

        foreach ((string suffix, decimal seconds) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && decimal.TryParse(text.AsSpan(..^suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            {
                if (number > (decimal)Longest.TotalSeconds / seconds)
                {
                    return false;
                }

                nanoseconds = number * seconds * 1_000_000_000;
                return true;
            }
        }

        return false;
    }
}
