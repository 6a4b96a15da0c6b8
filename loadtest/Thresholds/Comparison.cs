namespace LowLatency.LoadTest.Thresholds;

/// <summary>How a figure stands to its bound.</summary>
internal enum Comparison
{
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

internal static class Comparisons
{
    public const string Allowed = "<, <=, >, >=, ==, !=";

    public static Comparison? Parse(string text) => text switch
    {
        "<" => Comparison.Less,
        "<=" => Comparison.LessOrEqual,
        ">" => Comparison.Greater,
        ">=" => Comparison.GreaterOrEqual,
        "==" => Comparison.Equal,
        "!=" => Comparison.NotEqual,
        _ => null,
    };

    public static bool Holds(this Comparison comparison, double value, double bound) => comparison switch
    {
        Comparison.Less => value < bound,
        Comparison.LessOrEqual => value <= bound,
        Comparison.Greater => value > bound,
        Comparison.GreaterOrEqual => value >= bound,
        Comparison.Equal => value == bound,
        Comparison.NotEqual => value != bound,
        _ => throw new ArgumentOutOfRangeException(nameof(comparison)),
    };
}
