namespace LowLatency.LoadTest.Measurement;

/// <summary>A share of a sample, in hundredths of a percent, so that 99.99 % is a whole number.</summary>
internal readonly record struct Percentile(int BasisPoints)
{
    // Fewer values than this beyond a percentile make it a matter of luck.
    private const int LeastBeyond = 10;
    private const int Whole = 10_000;

    public static readonly Percentile P50 = new(5_000);
    public static readonly Percentile P90 = new(9_000);
    public static readonly Percentile P99 = new(9_900);
    public static readonly Percentile P999 = new(9_990);
    public static readonly Percentile P9999 = new(9_999);

    public double Percent => BasisPoints / 100.0;

    /// <summary>Whether a sample of this size has enough values beyond the percentile to say something about it.</summary>
    public bool IsCarriedBy(long sampleSize) => (Int128)sampleSize * (Whole - BasisPoints) >= (Int128)LeastBeyond * Whole;
}
