using System.Globalization;

namespace LowLatency.LoadTest.Baselines;

/// <summary>What a ratio has to hold. Judged unrounded.</summary>
internal sealed record Bar
{
    private Bar(double limit, bool isUpper) => (Limit, IsUpper) = (limit, isUpper);

    public double Limit { get; }

    public bool IsUpper { get; }

    public static Bar AtMost(double limit) => new(limit, isUpper: true);

    public static Bar AtLeast(double limit) => new(limit, isUpper: false);

    public bool IsHeldBy(double ratio) => IsUpper ? ratio <= Limit : ratio >= Limit;

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{(IsUpper ? "<=" : ">=")} {Limit:0.00}");
}
