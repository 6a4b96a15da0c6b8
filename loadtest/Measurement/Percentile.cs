namespace LowLatency.LoadTest.Measurement;

/// <summary>A share of a sample, in hundredths of a percent; decimal, so that 99.999 % is exactly that.</summary>
internal readonly record struct Percentile(decimal BasisPoints)
{
    /// <summary>Fewer values than this beyond a percentile make it a matter of luck.</summary>
    public const int LeastBeyond = 10;

    private const int Whole = 10_000;

    public static readonly Percentile P50 = new(5_000);
    public static readonly Percentile P75 = new(7_500);
    public static readonly Percentile P90 = new(9_000);
    public static readonly Percentile P99 = new(9_900);
    public static readonly Percentile P999 = new(9_990);
    public static readonly Percentile P9999 = new(9_999);
    public static readonly Percentile P99999 = new(9_999.9m);

    public double Percent => (double)(BasisPoints / 100);

    /// <summary>How many values it takes at least.</summary>
    public long SmallestSample => (long)Math.Ceiling(LeastBeyond * Whole / (Whole - BasisPoints));

    /// <summary>Whether a sample of this size has enough values beyond the percentile to say something about it.</summary>
    public bool IsCarriedBy(long sampleSize) => sampleSize * (Whole - BasisPoints) >= LeastBeyond * Whole;
}
