using System.Globalization;

namespace LowLatency.LoadTest.Reports;

/// <summary>Figures as people read them.</summary>
internal static class LatencyText
{
    /// <summary>What stands where the sample cannot carry a figure.</summary>
    public const string Unknown = "-";

    /// <summary>A latency with three or more digits in the unit that suits it.</summary>
    public static string Of(double? nanoseconds) => nanoseconds switch
    {
        null => Unknown,
        < 1_000 => Format($"{nanoseconds:F0} ns"),
        < 1_000_000 => Format($"{nanoseconds / 1_000:F2} us"),
        < 1_000_000_000 => Format($"{nanoseconds / 1_000_000:F2} ms"),
        _ => Format($"{nanoseconds / 1_000_000_000:F2} s"),
    };

    /// <summary>A share in percent, never rounded up: 100 % is all of them.</summary>
    public static string Share(double? share)
        => share is double value ? Format($"{Math.Floor(value * 1_000_000) / 10_000:0.####} %") : Unknown;

    /// <summary>The same with two digits behind the point, for a table.</summary>
    public static string ShortShare(double? share)
        => share is double value ? Format($"{Math.Floor(value * 10_000) / 100:F2}%") : Unknown;

    /// <summary>A latency in microseconds, with three or more digits and without the unit.</summary>
    public static string Microseconds(double? nanoseconds) => (nanoseconds / 1_000) switch
    {
        null => Unknown,
        < 10 => Format($"{nanoseconds / 1_000:F2}"),
        < 1_000 => Format($"{nanoseconds / 1_000:F1}"),
        _ => Format($"{nanoseconds / 1_000:N0}"),
    };

    /// <summary>A number with as many digits as say something.</summary>
    public static string Number(double value) => value == Math.Floor(value) || value >= 1_000 ? Count(value) : Format($"{value:0.###}");

    public static string Count(double count) => Format($"{count:N0}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
